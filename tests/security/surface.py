"""Everything a stranger can reach, found by walking the code, so that nothing new escapes the permission matrix."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints

from asgiref.sync import async_to_sync
from django.urls import URLPattern, URLResolver, get_resolver

from books import events
from mindory_web.accounts.models import Reader
from mindory_web.mcp.server import server

API = "api/v1/"
PANEL = "admin/"


def routes() -> dict[str, str]:
    """Return every URL route of pages, as written in the URL files, with the name of its view."""
    found = dict(_walk(get_resolver(), ""))
    operations = {*_operation_paths(), ""}
    return {
        route: name
        for route, name in found.items()
        if not (route.startswith(API) and route != API and route.removeprefix(API).rstrip("/") in operations)
    }


def operations() -> set[tuple[str, str]]:
    """Return every (method, path) of the API, hidden ones too; the path is relative to `/api/v1/`."""
    return {(method, path) for path, views in _operation_paths().items() for method in views}


def commands() -> set[str]:
    """Return the type word of every frame that a page may send over the socket."""
    return {get_args(get_type_hints(frame)["type"])[0] for frame in get_args(events.FromPage)}


def tools() -> set[str]:
    """Return the name of every tool of MCP."""
    return {tool.name for tool in async_to_sync(server(lambda _ctx: Reader()).list_tools)()}


def panel_addresses(things: Mapping[str, int]) -> set[str]:
    """Return every address of the admin panel, with the ids of `things` by the name of their model."""
    addresses = set()
    for route in routes():
        if route.startswith(PANEL) and "(?P<" not in route:
            model = route.split("/")[2] if route.count("/") > 2 else ""
            pk = str(things.get(model, things["book"]))
            filled = re.sub(r"<slug:\w+>", "retry", route)
            addresses.add("/" + re.sub(r"<(\w+:)?\w+>", pk, filled))
    return addresses


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.lookup_str
        else:
            yield from _walk(entry, route)


def _operation_paths() -> dict[str, set[str]]:
    from mindory_web.api import api  # its router is filled by the imports of its package

    paths: dict[str, set[str]] = {}
    for prefix, router in _routers(api):
        for path, view in router.path_operations.items():
            route = f"{prefix}{path}".replace("//", "/").strip("/").replace("{", "<").replace("}", ">")
            for operation in view.operations:
                paths.setdefault(route, set()).update(operation.methods)
    return paths


def _routers(api: Any) -> list[tuple[str, Any]]:
    return [(prefix or "", router) for prefix, router in api._routers]
