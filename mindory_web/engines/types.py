"""Values that engines hand out. No Django, no heavy library: everybody may import this."""

from dataclasses import dataclass
from typing import Literal, TypedDict


class ChatMessage(TypedDict):
    """One message for a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Whether an engine answers now. `sentence` is for the admin; `milliseconds` is how long the answer took."""

    is_well: bool
    sentence: str
    model: str = ""
    milliseconds: float = 0.0
