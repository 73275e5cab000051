"""The root of everything that can go wrong in Mindory, and how a door answers it.

MindoryError               code, status, a sentence that says what to do
    NotFound               404: not there, or not yours (never told apart)
    NotAllowed             403
    NotSignedIn            401
    Invalid                422: the input was understood and refused
    Conflict               409
    TooLarge               413
    TooMany                429
    Unavailable            503: a part we need does not answer; try again
"""

from http.client import responses
from typing import Any, ClassVar, Final

PROBLEM: Final = "application/problem+json"


class MindoryError(Exception):
    """An expected failure. `code` is stable for programs; `str(error)` is a sentence for people."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, sentence: str, /, **details: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """Return the body every door answers with: `{"error": {"code", "message", ...details}}`."""
        return {"error": {"code": self.code, "message": str(self.sentence), **self.details}}

    def as_problem(self) -> dict[str, Any]:
        """Return the body the API answers with."""
        return problem(self.status, self.code, str(self.sentence), **self.details)


def problem(status: int, code: str, sentence: str, /, **details: Any) -> dict[str, Any]:
    """Return a refusal as problem details (RFC 9457), with the body of other doors as one more member, `error`.

    `type` is a name, not an address: what the codes mean is in docs/api.md.
    """
    return {
        "type": f"urn:mindory:error:{code}",
        "title": responses.get(status, "Refused"),
        "status": status,
        "detail": sentence,
        "code": code,
        "error": {"code": code, "message": sentence, **details},
    }


class NotFound(MindoryError):
    """Nothing there for this reader. Someone else's thing is answered the same way."""

    code = "not_found"
    status = 404


class NotSignedIn(MindoryError):
    """The caller is nobody."""

    code = "not_signed_in"
    status = 401


class NotAllowed(MindoryError):
    """The caller is known and may not do this."""

    code = "not_allowed"
    status = 403


class Invalid(MindoryError):
    """The input was understood and refused."""

    code = "invalid"
    status = 422


class Conflict(MindoryError):
    """The thing is in a state that does not allow this."""

    code = "conflict"
    status = 409


class TooLarge(MindoryError):
    """More bytes than the limit, which the sentence names."""

    code = "too_large"
    status = 413


class TooMany(MindoryError):
    """Too many requests; `retry_after` seconds are in the details."""

    code = "too_many"
    status = 429


class Unavailable(MindoryError):
    """A part Mindory needs does not answer."""

    code = "unavailable"
    status = 503
