"""Configuration of the memory app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Memory(AppConfig):
    """The memory app."""

    name = "memory"
    label = "memory"
    verbose_name = _("memory")

    def ready(self) -> None:
        """See to it that a reader who leaves takes the vectors of their memory along."""
        from memory.leaving import forget  # its models need the apps to be loaded
        from mindory_web.accounts.deleting import leaving

        leaving.connect(forget, dispatch_uid="memory.leaving")
