"""One file that holds an installation: its database, its books, and the secret its keys hang on."""
