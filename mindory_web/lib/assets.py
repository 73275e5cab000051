"""Static files under names that hold their hash, so that a browser may keep them for ever."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Final

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our own alone: others' files come as their makers wrote them.
SMALLER: Final[dict[tuple[str, str], Callable[[str], str]]] = {("js", ".js"): jsmin, ("css", ".css"): cssmin}


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash the imports between our ES modules too, or a module of the last version would meet one of this.

    Django finds an import only when it is relative and ends with a semicolon; a test looks at every module.
    Comments and blanks do not travel: they are a third of what a page would fetch.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 30  # as deep as modules import one another

    def _save(self, name: str, content: Any) -> str:
        path = PurePosixPath(name)
        if smaller := SMALLER.get((path.parts[0], path.suffix)):
            content = ContentFile(smaller(b"".join(content.chunks()).decode()).encode())
        return str(super()._save(name, content))
