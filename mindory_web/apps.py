"""The site itself: commands, wiring, static checks."""

from django.apps import AppConfig

from mindory_web.lib import logs


class MindoryWeb(AppConfig):
    """Configuration of the site app."""

    name = "mindory_web"
    verbose_name = "Mindory"

    def ready(self) -> None:
        """Load the Celery app and connect the signals, once every app is there."""
        from mindory_web import celery, wiring  # not at module level: the apps must be loaded first

        _ = celery.app
        wiring.connect()
        logs.watch_requests()
