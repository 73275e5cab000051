"""The tools of MCP as a door of the contract test, spoken by the SDK's own client over HTTP."""

from typing import Any

from asgiref.sync import async_to_sync

from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from tests.memory.doors import Json, PythonDoor, Refused
from tests.mindory_web.mcp.speaking import with_key


class McpDoor(PythonDoor):
    """`/mcp` with a key. What the tools do not offer (sessions, export) acts through Python."""

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
        told = dict(answer.structured_content)
        if answer.is_error:
            raise Refused(told["error"]["code"])
        return told

    def remember(self, *, once: str = "", **given: Any) -> Json:
        return self.call("remember", idempotency_key=once or None, **given)

    def search(self, query: str, *, limit: int = 10, min_score: float = 0, **filters: Any) -> list[Json]:
        return list(self.call("recall", query=query, limit=limit, min_score=min_score, **filters)["items"])

    def listed(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Json]:
        told = {"dimension": None, "limit": limit, "offset": offset, **filters}
        return list(self.call("list_memories", **told)["items"])

    def get(self, pk: int) -> Json:
        return self.call("get_memory", memory_id=pk)

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        return self.call("update_memory", memory_id=pk, revision=revision, **changes)

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return self.call("pin_memory", memory_id=pk, is_pinned=is_pinned)

    def history(self, pk: int) -> list[Json]:
        return list(self.call("memory_history", memory_id=pk)["items"])

    def forget(self, pk: int) -> str:
        return str(self.call("forget", ids=[pk])["undo"])

    def forget_all(self, **filters: Any) -> Json:
        return self.call("forget", **filters)

    def stats(self) -> Json:
        return self.call("memory_stats")

    def undo(self, token: str) -> list[Json]:
        return list(self.call("undo_forget", token=token)["items"])
