"""What can go wrong with the memory. One table of codes for REST, MCP, the command line and Python.

MindoryError
    NotFound (lib)         404 not_found: there is none, or it is another reader's
    Invalid (lib)
        ValidationFailed   422 invalid: the input was understood and refused
    Conflict (lib)         409 conflict: changed meanwhile, or the key of another request
    LLMError               502 llm_error: the language model failed; what was to be enriched is kept as it is
"""

from mindory_web.lib.errors import Conflict, Invalid, MindoryError, NotFound

__all__ = ["Conflict", "LLMError", "NotFound", "ValidationFailed"]


class ValidationFailed(Invalid):
    """The input was understood and refused; `field` says which part."""


class LLMError(MindoryError):
    """The language model refused, failed, or answered what cannot be used. Nothing is lost by it."""

    code = "llm_error"
    status = 502
