"""The tools of MCP as a door of the contract test, spoken by the SDK's own client over HTTP."""

from typing import Any

from asgiref.sync import async_to_sync

from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from tests.memory.doors import Json, PythonDoor, Refused
from tests.mindory_web.mcp.speaking import with_key

RENAMED = {"type": "memory_type", "is_pinned": "pinned"}


class McpDoor(PythonDoor):
    """`/mcp` with a key. What the tools do not offer (sessions, undo, export) acts through Python."""

    name = "mcp"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.secret = keys.make(reader, "contract")[1]

    def call(self, tool: str, **arguments: Any) -> Json:
        """Call a tool; return what it answers."""

        async def speak() -> Any:
            async with with_key(self.secret) as client:
                return await client.call_tool(tool, arguments)

        answer = async_to_sync(speak)()
        told = answer.structured_content or {}
        if answer.is_error:
            # What does not fit the input schema is refused by the SDK itself, before any tool runs.
            raise Refused(told["error"]["code"] if told else "invalid")
        return dict(told)

    def remember(self, **given: Any) -> Json:
        return self.call("remember", **{RENAMED.get(name, name): value for name, value in given.items()})

    def search(self, query: str, **filters: Any) -> list[Json]:
        return list(self.call("recall", query=query, **_filters(filters))["items"])

    def listed(self, **filters: Any) -> list[Json]:
        return list(self.call("list_memories", **{"dimension": None, **_filters(filters)})["items"])

    def get(self, pk: int) -> Json:
        return self.call("get_memory", memory_id=pk)

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        told = {RENAMED.get(name, name): value for name, value in changes.items()}
        return self.call("update_memory", memory_id=pk, revision=revision, **told)

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return self.call("pin_memory", memory_id=pk, pinned=is_pinned)

    def history(self, pk: int) -> list[Json]:
        return list(self.call("memory_history", memory_id=pk)["items"])

    def forget(self, pk: int) -> str:
        return str(self.call("forget", ids=[pk])["details"]["undo"])


def _filters(given: Json) -> Json:
    told = dict(given)
    if "type" in told:
        types = told.pop("type")
        told["types"] = [types] if isinstance(types, str) else types
    return told
