"""What can go wrong with an engine.

MindoryError
    EngineError            the endpoint refused, failed or did not answer
        BadModel           the files of the bundled model are missing or not the ones we know
"""

from typing import ClassVar

from mindory_web.lib.errors import Unavailable


class EngineError(Unavailable):
    """The endpoint refused, failed or did not answer. `is_retryable` says whether the same request may work later."""

    code: ClassVar[str] = "engine_error"

    def __init__(self, sentence: str, /, *, is_retryable: bool = True) -> None:
        super().__init__(sentence, is_retryable=is_retryable)
        self.is_retryable = is_retryable


class BadModel(EngineError):
    """The files of the bundled model are missing or not the ones we know. Trying again does not help."""

    code: ClassVar[str] = "bad_model"

    def __init__(self, sentence: str, /) -> None:
        super().__init__(sentence, is_retryable=False)
