"""The command line of the memory: `manage.py memory VERB`. What loads long is imported late."""
