"""A tool that stumbles."""

from typing import Any

import pytest
from mcp_types import CallToolResult

from mindory_web.accounts.models import Reader
from mindory_web.mcp.server import dressed


@pytest.mark.django_db
async def test_a_fault_of_ours_is_told_by_the_id_the_log_has_it_under() -> None:
    async def broken(reader: Reader) -> dict[str, Any]:
        """Break."""
        raise ZeroDivisionError(reader.username)

    answer = await dressed(broken, lambda _ctx: Reader(username="alice"))(ctx=None)

    assert isinstance(answer, CallToolResult)
    assert answer.is_error
    told = (answer.structured_content or {})["error"]
    assert (told["code"], len(told["request_id"])) == ("internal", 16)
    assert "alice" not in str(answer.content)
