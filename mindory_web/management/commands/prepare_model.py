"""`manage.py prepare_model`: make the bundled embedding model ready, so that the first book does not wait for it."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mindory_web.engines import bundled
from mindory_web.engines.errors import EngineError


class Command(BaseCommand):
    """Check the package's files, build the graph, and choose the precision that suits this machine."""

    help = __doc__ or ""
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, and say what was chosen."""
        if settings.EMBEDDING_BASE_URL:
            self.stdout.write(f"Nothing to prepare: {settings.EMBEDDING_MODEL} runs at {settings.EMBEDDING_BASE_URL}.")
            return
        start = time.monotonic()
        try:
            model = bundled.prepare(Path(settings.DATA), precision=settings.EMBEDDING_PRECISION)
        except EngineError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"The embedding model {model.name} is ready ({time.monotonic() - start:.1f} s).")
