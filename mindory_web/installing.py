"""What makes Mindory an app of the device: the manifest, the service worker, and the page without a connection."""

import json
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

WORKER: Final = "frontend/static/js/worker.js"
GROUND: Final = "#F2F0EB"  # --ground of the paper theme
SHELL: Final = ("css/", "js/", "art/", "icons.svg")
# Not in it: the admin panel, the handbook of the API, and the worker itself.
LEFT_OUT: Final = ("css/admin.css", "css/api.css", "js/admin/", "js/api/", "js/worker.js")
ICONS: Final = ((192, "any"), (512, "any"), (192, "maskable"), (512, "maskable"))


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Tell a device how to install Mindory."""
    told: dict[str, Any] = {
        "id": "/",
        "name": "Mindory",
        "short_name": "Mindory",
        "description": _("A library of your own: read your books and talk with them."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            {
                "src": static(f"icons/{purpose}-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in ICONS
        ],
    }
    response = JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Send the service worker, with the files it keeps. Another file, or another version, makes it another worker."""
    given = {"version": settings.VERSION, "shell": shell(), "offline": reverse("offline")}
    source = (settings.BASE_DIR / WORKER).read_text(encoding="utf-8")
    response = HttpResponse(f"self.GIVEN = {json.dumps(given)};\n{source}", content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no connection. The page holds nothing of a reader: the browser lists what it keeps."""
    return render(request, "offline.html")


@lru_cache(maxsize=1)
def shell() -> list[str]:
    """Return the addresses of the static files that pages need; none where they are served without a hash."""
    names = getattr(staticfiles_storage, "hashed_files", {})
    wanted = [name for name in names if name.startswith(SHELL) and not name.startswith(LEFT_OUT)]
    return sorted(staticfiles_storage.url(name) for name in wanted)
