"""What can go wrong with an engine.

MindoryError
    EngineError            the endpoint refused, failed or did not answer
"""

from mindory_web.lib.errors import Unavailable


class EngineError(Unavailable):
    """The endpoint refused, failed or did not answer. `is_retryable` says whether the same request may work later."""

    code = "engine_error"

    def __init__(self, sentence: str, /, *, is_retryable: bool = True) -> None:
        super().__init__(sentence, is_retryable=is_retryable)
        self.is_retryable = is_retryable
