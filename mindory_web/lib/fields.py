"""Fields of what comes from outside, the same for the API and for MCP: what is no number or no text is refused."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

LARGEST_ID: Final = 2**63 - 1
LARGEST_NUMBER: Final = 2**31 - 1
BY_PYDANTIC: Final = "Value error, "  # what it puts before a sentence of ours
UNKNOWN: Final = "extra_forbidden"
LENGTHS: Final = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}


def _no_truth(value: Any) -> Any:
    """Refuse true and false, which Python counts with."""
    if isinstance(value, bool):
        raise ValueError("it is a number, and not true or false")
    return value


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("the character NUL is not text")
    return text


# The bounds stand first: what comes after them does not hide them from the schema.
NO_TRUTH: Final = BeforeValidator(_no_truth)
Whole = Annotated[int, NO_TRUTH]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID), NO_TRUTH]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER), NO_TRUTH]
Share = Annotated[float, Field(ge=0, le=1), NO_TRUTH]
Text = Annotated[str, AfterValidator(_without_nul)]


def faults(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what is wrong with which field, of errors as pydantic tells them (`loc`, `msg`, `type`)."""
    told = []
    for each in errors:
        message = "there is no such field" if each["type"] == UNKNOWN else each["msg"].removeprefix(BY_PYDANTIC)
        if (bound := LENGTHS.get(each["type"])) and each.get("ctx", {}).get("field_type") == "Value":
            # A text that is looked at by us is no text to pydantic any more, and its characters are "items".
            message = f"String should have {bound[0]} {each['ctx'][bound[1]]} characters"
        # How a validator is called inside (function-wrap[...]) is no part of what was sent.
        parts = [str(part) for part in each["loc"] if "[" not in str(part)]
        told.append({"field": ".".join(parts), "message": message.rstrip(".")})
    return told
