"""The running source code, offered to everyone who uses the site (AGPL-3.0, section 13)."""

import io
import tarfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

# Named one by one: what else lies beside them (data, .env, a virtual environment) is nobody's business.
PARTS: Final = (
    *("manage.py", "pyproject.toml", "docker-compose.yml", "Dockerfile", "Makefile", "requirements.lock"),
    *("requirements-dev.lock", ".env.example", ".gitignore", ".ci"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    *("mindory_web", "books", "memory", "frontend", "tests", "bench", "docs"),
)
PASSED_OVER: Final = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}


@require_safe
def source(request: HttpRequest) -> HttpResponse:
    """Send the source of this very installation, or the reader to where the operator publishes it."""
    if settings.SOURCE_URL:
        return redirect(settings.SOURCE_URL)
    name = f"mindory-{settings.VERSION}.tar.gz"
    return HttpResponse(
        packed(settings.BASE_DIR),
        content_type="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@lru_cache(maxsize=1)
def packed(root: Path) -> bytes:
    """Return PARTS of `root` as a compressed tar. Links are not followed: none is ours."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for part in PARTS:
            if (root / part).exists():
                tar.add(root / part, arcname=f"mindory/{part}", filter=_ours)
    return out.getvalue()


def _ours(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if member.issym() or member.islnk() or Path(member.name).name in PASSED_OVER:
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member
