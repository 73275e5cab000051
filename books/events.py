"""Every frame that goes over a socket. docs/events.md lists the same; a test compares.

One socket a page, one room a reader and one a conversation. Reply frames are numbered: `(reply, seq)` names a
frame for ever, so a page that lost its line says `resume` and gets what it missed, byte for byte.
"""

from typing import Final, Literal, NotRequired, TypedDict

# --- What frames hold ---------------------------------------------------------------------------

Scope = Literal["book", "books", "collection", "library"]
Kind = Literal["ask", "explain", "translate"]


class AboutIn(TypedDict):
    """The words a question is about. The server takes them from the book itself."""

    kind: str
    book: int
    section: int
    start: int
    end: int


class About(AboutIn):
    """The same with the words."""

    quote: str


# The answer as HTML, from block `from` on: `blocks` take the place of all that stood there. Made by
# books/chat/rendering.py out of a few elements, so a page may put it in as it is.
Blocks = TypedDict("Blocks", {"from": int, "blocks": list[str]})

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


class ShelfChanged(TypedDict):
    """The reader's collections are others now: one was made, named, filled or taken down."""

    type: Literal["shelf.changed"]


class TalkNamed(TypedDict):
    """A conversation has this title now: the reader or the model gave it, or the conversation came back."""

    type: Literal["talk.named"]
    conversation: int
    title: str


class TalkGone(TypedDict):
    """A conversation was deleted."""

    type: Literal["talk.gone"]
    conversation: int


class MemoryLearned(TypedDict):
    """Something new was learned from a conversation of the reader's: ids of memories. Sent to all their pages."""

    type: Literal["memory.learned"]
    conversation: int
    memories: list[int]


class Joined(TypedDict):
    """The page is in the room of a conversation. `tip`: the last reply of the branch that is shown."""

    type: Literal["joined"]
    conversation: int
    tip: int | None


class Left(TypedDict):
    """The page is not in that room any more: it left, the conversation was deleted, or may not be read any more."""

    type: Literal["left"]
    conversation: int


class ReplyNew(TypedDict):
    """A question was accepted (on any of the reader's pages). `nonce` is the asking page's own id.

    `parent`: the reply it follows; it is the tip of its conversation now.
    """

    type: Literal["reply.new"]
    reply: int
    conversation: int
    book: int | None
    question: str
    nonce: str
    parent: int | None
    about: About | None


class ReplyChosen(TypedDict):
    """Another branch of a conversation is shown now, the one that ends with this reply; sent to its room."""

    type: Literal["reply.chosen"]
    reply: int
    conversation: int


class ReplyStage(TypedDict):
    """What the reply worker does now. `passages`: how many passages are being read; `noted`: what else, by its key."""

    type: Literal["reply.stage"]
    reply: int
    seq: int
    stage: Literal["looking", "writing"]
    passages: int
    noted: list[str]


class ReplyWords(TypedDict):
    """The next words of the answer. `[3]` in them stands where citation 3 belongs.

    `html` is not there when it is not worth drawing again yet; a later frame has it.
    """

    type: Literal["reply.words"]
    reply: int
    seq: int
    text: str
    html: NotRequired[Blocks]


class ReplyCitation(TypedDict):
    """A checked quote: exactly the characters [start, end) of that section's canonical text.

    `page`: what is printed on the page where it begins; "" when the book has no pages. `how` the model's words were
    found: exact, folded (only typesetting differs), shortened (its end was wrong and is cut off).
    `is_placed`: false when the book was read anew and the words are gone.
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
    how: str
    is_placed: bool


class ReplyEnd(TypedDict):
    """The last frame of a reply. `left_out`: quotes dropped because they are not in the book.

    `ahead`: passages that fit and lie past the reader's place. `html`, where the whole answer looks other than what
    was drawn bit by bit (the items of a list are one list now).
    """

    type: Literal["reply.end"]
    reply: int
    seq: int
    state: Literal["done", "stopped", "interrupted", "failed"]
    left_out: int
    error_code: str
    error_message: str
    ahead: int
    html: NotRequired[Blocks]


class ReplyWhole(TypedDict):
    """The stored reply, instead of frames that are gone; pages are also made with it. `html`: all its blocks."""

    type: Literal["reply.whole"]
    reply: int
    conversation: int
    parent: int | None
    question: str
    about: About | None
    seq: int
    state: str
    text: str
    html: list[str]
    citations: list[ReplyCitation]
    left_out: int
    ahead: int
    noted: list[str]
    feedback: int
    feedback_reason: str
    error_code: str
    error_message: str


ReplyFrame = ReplyStage | ReplyWords | ReplyCitation | ReplyEnd
FromServer = (
    Hello
    | Pong
    | Refused
    | BookFrame
    | BookGone
    | ShelfChanged
    | TalkNamed
    | TalkGone
    | MemoryLearned
    | Joined
    | Left
    | ReplyNew
    | ReplyChosen
    | ReplyFrame
    | ReplyWhole
)

# --- From the page ------------------------------------------------------------------------------


class Ask(TypedDict):
    """Ask in a conversation, or begin one with a `scope`.

    `scope` absent: what else is named, or as the reader likes.
    `parent`: the reply it follows; absent: the conversation's tip, null: nothing, a new beginning.
    `text` may be empty when `about` says to explain or translate.
    """

    type: Literal["ask"]
    nonce: str
    text: str
    conversation: NotRequired[int | None]
    parent: NotRequired[int | None]
    scope: NotRequired[str | None]
    book: NotRequired[int | None]
    books: NotRequired[list[int] | None]
    collection: NotRequired[int | None]
    is_limited: NotRequired[bool | None]
    about: NotRequired[AboutIn | None]


class Again(TypedDict):
    """Ask the question of a reply once more, beside it; with `text` another question in its place."""

    type: Literal["again"]
    nonce: str
    reply: int
    text: NotRequired[str]


class Continue(TypedDict):
    """Go on with an answer that was cut short: a new reply beside it begins with its words."""

    type: Literal["continue"]
    nonce: str
    reply: int


class Choose(TypedDict):
    """Show the branch that this reply is on, to its newest end."""

    type: Literal["choose"]
    reply: int


class Join(TypedDict):
    """Enter the room of a conversation; `ask`, `again`, `continue` and `resume` do so by themselves."""

    type: Literal["join"]
    conversation: int


class Leave(TypedDict):
    """Leave that room."""

    type: Literal["leave"]
    conversation: int


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


FromPage = Ask | Again | Continue | Choose | Resume | Stop | Join | Leave | Ping

HEARTBEAT_SECONDS: Final = 20
LARGEST_FRAME: Final = 64 * 1024  # bytes, from the page

# Why the server closes a socket (RFC 6455 leaves 4000-4999 to applications).
CLOSED_NOT_SIGNED_IN: Final = 4401
CLOSED_BAD_ORIGIN: Final = 4403
CLOSED_TOO_LARGE: Final = 4413
CLOSED_TOO_MANY: Final = 4429
