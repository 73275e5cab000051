"""The only module that knows both books and memory."""


def connect() -> None:
    """Connect what happens in one app to who wants to know in the other."""
