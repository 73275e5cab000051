"""Fields that the API and MCP take alike: names, kinds, sides, times. Times are ISO 8601 and nothing else."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema

from memory.errors import ValidationFailed
from memory.told import DAY, moment_of
from memory.types import LONGEST_NAME
from mindory_web.lib.fields import LARGEST_ID, NO_TRUTH, Text

A_TIME: Final[dict[str, Any]] = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601: a time, or a day alone (its first moment); UTC without a zone.",
    "examples": ["2021-06-01", "2026-11-22T14:05:00Z"],
}


def _moment(value: Any) -> Any:
    try:
        if isinstance(value, str):
            return moment_of(value, "")
    except ValidationFailed:
        pass  # the sentence below says what it must be
    raise ValueError("it is not a time like 2026-11-22T14:05:00Z, or a day like 2026-11-22")


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("it is not a day like 2026-11-22")
    return value


Type = Literal["conversational", "procedural", "factual", "semantic", "episodic", "personal"]
Types = Annotated[list[Type], Field(max_length=6)]
Dimension = Literal["user", "agent", "session", "resource"]
Role = Literal["user", "assistant", "system", "tool"]
Name = Annotated[Text, Field(max_length=LONGEST_NAME)]
Flag = StrictBool
Revision = Annotated[int, Field(ge=0, le=LARGEST_ID), NO_TRUTH]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema(A_TIME)]
Day = Annotated[date, BeforeValidator(_day)]
