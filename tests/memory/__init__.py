"""What Mindory remembers."""
