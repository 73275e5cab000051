"""The web process: HTTP through Django, sockets through Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mindory_web.settings")
http = get_asgi_application()  # loads the apps, so it comes before everything that imports models

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from books.sockets import guarded, socket_urlpatterns  # noqa: E402
from mindory_web.api import knows, takes_files  # noqa: E402
from mindory_web.lib.alive import start_saying  # noqa: E402
from mindory_web.lib.http import Dressed  # noqa: E402
from mindory_web.lib.uploads import LimitedBodies  # noqa: E402
from mindory_web.mcp.http import Door  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": Dressed(Door(LimitedBodies(http, takes_files=takes_files, knows=knows))),
        "websocket": guarded(URLRouter(socket_urlpatterns)),
    }
)
start_saying("web")
