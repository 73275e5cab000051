"""Which Mindory this is. Importable by everything, also without Django."""

VERSION = "0.1.0"
# Raised when an older Mindory could no longer use a data directory that this one has written.
DATA_SCHEMA = 1
