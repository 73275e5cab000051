"""Every frame that goes over a socket. docs/events.md lists the same; a test compares.

One socket a page, one room a reader. Reply frames are numbered: `(reply, seq)` names a frame for
ever, so a page that lost its line says `resume` and gets what it missed, byte for byte.
"""

from typing import Final, Literal, NotRequired, TypedDict

# --- From the server ----------------------------------------------------------------------------


class Hello(TypedDict):
    """First frame on a socket. `heartbeat`: seconds between the pings the page should send."""

    type: Literal["hello"]
    reader: int
    heartbeat: int


class Pong(TypedDict):
    """Answer to `ping`."""

    type: Literal["pong"]


class Refused(TypedDict):
    """A frame of the page was not carried out."""

    type: Literal["refused"]
    code: str
    message: str
    nonce: NotRequired[str]


class BookFrame(TypedDict):
    """A book moved on. `done` of `total` are real counts in the step's own unit; total 0 means not known yet."""

    type: Literal["book"]
    book: int
    title: str
    state: str
    step: str
    done: int
    total: int
    is_readable: bool
    is_askable: bool
    is_embedded: bool
    error_code: str
    error_message: str


class BookGone(TypedDict):
    """A book was deleted."""

    type: Literal["book.gone"]
    book: int


class ReplyNew(TypedDict):
    """A question was accepted (on any of the reader's pages). `nonce` is the asking page's own id."""

    type: Literal["reply.new"]
    reply: int
    conversation: int
    book: int | None
    question: str
    nonce: str


class ReplyStage(TypedDict):
    """What the reply worker does now. `passages`: how many passages are being read."""

    type: Literal["reply.stage"]
    reply: int
    seq: int
    stage: Literal["looking", "writing"]
    passages: int


class ReplyWords(TypedDict):
    """The next words of the answer. `[3]` in them stands where citation 3 belongs."""

    type: Literal["reply.words"]
    reply: int
    seq: int
    text: str


class ReplyCitation(TypedDict):
    """A checked quote: exactly the characters [start, end) of that section's canonical text.

    `page`: what is printed on the page where it begins; "" when the book has no pages.
    """

    type: Literal["reply.citation"]
    reply: int
    seq: int
    number: int
    book: int
    title: str
    language: str
    section: int
    heading: str
    start: int
    end: int
    quote: str
    page: str


class ReplyEnd(TypedDict):
    """The last frame of a reply. `left_out`: quotes dropped because they are not in the book."""

    type: Literal["reply.end"]
    reply: int
    seq: int
    state: Literal["done", "stopped", "interrupted", "failed"]
    left_out: int
    error_code: str
    error_message: str


class ReplyWhole(TypedDict):
    """Answer to `resume` when the log is gone: the stored reply instead of its frames."""

    type: Literal["reply.whole"]
    reply: int
    seq: int
    state: str
    text: str
    citations: list[ReplyCitation]
    left_out: int
    error_code: str
    error_message: str


ReplyFrame = ReplyStage | ReplyWords | ReplyCitation | ReplyEnd
FromServer = Hello | Pong | Refused | BookFrame | BookGone | ReplyNew | ReplyFrame | ReplyWhole

# --- From the page ------------------------------------------------------------------------------


class Ask(TypedDict):
    """Ask in a conversation, or start one with `book` (None: the whole library)."""

    type: Literal["ask"]
    nonce: str
    text: str
    conversation: NotRequired[int | None]
    book: NotRequired[int | None]


class Resume(TypedDict):
    """Send me the frames of this reply after `seq`, and those to come."""

    type: Literal["resume"]
    reply: int
    seq: int


class Stop(TypedDict):
    """Stop this reply; what is written stays."""

    type: Literal["stop"]
    reply: int


class Ping(TypedDict):
    """Sign of life."""

    type: Literal["ping"]


FromPage = Ask | Resume | Stop | Ping

HEARTBEAT_SECONDS: Final = 20
LARGEST_FRAME: Final = 64 * 1024  # bytes, from the page

# Why the server closes a socket (RFC 6455 leaves 4000-4999 to applications).
CLOSED_NOT_SIGNED_IN: Final = 4401
CLOSED_BAD_ORIGIN: Final = 4403
CLOSED_TOO_LARGE: Final = 4413
CLOSED_TOO_MANY: Final = 4429
