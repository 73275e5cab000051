"""What can go wrong with an engine.

MindoryError
    EngineError            the endpoint refused, failed or did not answer; its code says which
        BadModel           the files of the bundled model are missing or not the ones we know

Codes of an EngineError:

engine_error       failed in some other way
engine_key         the key was refused
engine_unknown     the endpoint does not know the model
engine_busy        too many requests, or the quota is used up
engine_too_long    the request is more than the model can read
engine_slow        no answer in time
engine_away        no connection to the endpoint
engine_broken_off  the connection or the model ended in the middle
engine_spent       the model spent all the room for its answer before the first word
engine_nonsense    what came is no answer, or an empty one
"""

from typing import Final

from mindory_web.lib.errors import Unavailable

KEY: Final = "engine_key"
UNKNOWN: Final = "engine_unknown"
BUSY: Final = "engine_busy"
TOO_LONG: Final = "engine_too_long"
SLOW: Final = "engine_slow"
AWAY: Final = "engine_away"
BROKEN_OFF: Final = "engine_broken_off"
SPENT: Final = "engine_spent"
NONSENSE: Final = "engine_nonsense"


class EngineError(Unavailable):
    """The endpoint refused, failed or did not answer. `is_retryable` says whether the same request may work later."""

    code: str = "engine_error"  # type: ignore[misc]  # each has its own

    def __init__(self, sentence: str, /, *, code: str = "", is_retryable: bool = True) -> None:
        super().__init__(sentence, is_retryable=is_retryable)
        self.code = code or type(self).code
        self.is_retryable = is_retryable


class BadModel(EngineError):
    """The files of the bundled model are missing or not the ones we know. Trying again does not help."""

    def __init__(self, sentence: str, /) -> None:
        super().__init__(sentence, code="bad_model", is_retryable=False)
