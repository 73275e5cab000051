"""Structured logs: one line an event, one `request_id` from the browser to the worker."""

import time
from typing import Any, Final

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog import signals

from mindory_web.lib import counts

METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING for lines on stderr, as JSON or for a person's eyes."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": last,
                "foreign_pre_chain": [*shared, structlog.processors.format_exc_info],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "httpx2": {"level": "WARNING"},
            "django.channels.server": {"level": "WARNING"},
            "uvicorn.access": {"level": "WARNING"},
        },
    }


def request_id() -> str:
    """Return the id of the request being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def watch_requests() -> None:
    """Send `X-Request-ID` with every answer, so that a reader can quote the id of the logs; count and time requests."""
    signals.bind_extra_request_metadata.connect(_begin, dispatch_uid="mindory.requests")
    signals.bind_extra_request_finished_metadata.connect(_finish, dispatch_uid="mindory.requests")
    signals.update_failure_response.connect(_finish, dispatch_uid="mindory.requests")


def _begin(sender: Any, *, request: HttpRequest, **_rest: Any) -> None:
    request.begun_at = time.monotonic()  # type: ignore[attr-defined]


def _finish(sender: Any, *, request: HttpRequest, response: HttpResponseBase, **_rest: Any) -> None:
    response.headers["X-Request-ID"] = request_id()
    method = request.method if request.method in METHODS else "OTHER"
    counts.count("http_requests", method=str(method), status=str(response.status_code))
    counts.took("http_request", time.monotonic() - getattr(request, "begun_at", time.monotonic()))
