"""Configuration of the books app."""

from django.apps import AppConfig


class Books(AppConfig):
    """The books app."""

    name = "books"
    label = "books"

    def ready(self) -> None:
        """See to it that a reader who leaves takes their books along."""
        from books.leaving import forget  # its models need the apps to be loaded
        from mindory_web.accounts.deleting import leaving

        leaving.connect(forget, dispatch_uid="books.leaving")
