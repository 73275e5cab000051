"""What a session is called: as its sender says, else as a model does, else by the words it begins with."""

import re
from functools import partial
from typing import Final

import structlog
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils import timezone

from memory import answers, consulting, grounding
from memory.errors import LLMError
from memory.layers import TITLE, cut, excerpt, layer, turns_of
from memory.leases import Lease
from memory.models import Layer, Memory, Mind, Session
from memory.types import State
from mindory_web.engines.llm import LLMClient
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

LONGEST: Final = 80  # characters
SHOWN: Final = 600  # tokens of the beginning that a model is shown
FIRST: Final = 400  # characters of the first turn that a title is cut from
AT_ONCE: Final = 200
MOST_TOKENS: Final = 100
# Words that titles begin with, and that need not have been said.
USUAL: Final = (
    "about advice choosing comparison discussion finding getting guide help ideas introduction learning making notes "
    "overview planning plans question questions recommendations summary talk thoughts tips understanding"
)

_LABEL: Final = re.compile(r"^(?:title|titel|标题|題目|题目)\s*[:：]\s*", re.IGNORECASE)
_ITEM: Final = re.compile(r"^\s*(?:[-*•]|1[.)、])\s+")
_MARKS: Final = " \t#*_`\"'“”‘’«»「」『』《》.。"


# --- Reading ------------------------------------------------------------------------------------


def title_of(session: Session) -> str:
    """Return what a session is called; "" for one without a title and without words."""
    if session.title:
        return session.title
    made = getattr(session, "made_title", None) if hasattr(session, "made_title") else layer(session, TITLE)
    return made or first_words(_beginning(session))


def with_titles(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Return the same sessions with all that `title_of` needs, in one query."""
    made = Layer.objects.filter(session=OuterRef("pk"), level=TITLE).values("text")
    first = Memory.objects.filter(session=OuterRef("pk"), number__isnull=False, role="user", state=State.ACTIVE)
    words = first.order_by("number").annotate(words=Left("text", FIRST)).values("words")
    return sessions.annotate(made_title=Subquery(made[:1]), first_words=Subquery(words[:1]))


def first_words(text: str) -> str:
    """Return the beginning of a text as a title: a sentence, a line, or as many words as fit."""
    words = excerpt(text, 0).split("\n")[0].strip()
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(" ,，、;；:：") + "…"


def _beginning(session: Session) -> str:
    if hasattr(session, "first_words"):
        return session.first_words or ""
    first = Memory.objects.filter(session=session, number__isnull=False, role="user", state=State.ACTIVE)
    return first.order_by("number").annotate(words=Left("text", FIRST)).values_list("words", flat=True).first() or ""


# --- Writing ------------------------------------------------------------------------------------


def write(lease: Lease, client: LLMClient) -> None:
    """Give titles to closed sessions that have none. Raises LLMError."""
    untitled = Session.objects.filter(owner=lease.owner_id, title="", closed_at__isnull=False, is_learning=True)
    for session in untitled.exclude(layers__level=TITLE).order_by("-closed_at")[:AT_ONCE]:
        lease.check()
        beginning = _told(session)
        if not beginning:
            continue
        language = "zh" if language_of(beginning) == "zh" else "en"
        question = consulting.Question("title", language, {"text": beginning}, MOST_TOKENS)
        try:
            said = consulting.ask(client, question, owner_id=lease.owner_id, check=lease.check)
        except LLMError as error:
            if not consulting.is_hopeless(error):
                raise
            continue  # the others are not held up by it
        is_same = partial(_is_same, session, beginning)
        consulting.keep(said, owner_id=lease.owner_id, session_id=session.pk, is_still_so=is_same)
        if title := borne_out(said.text, beginning, session):
            _keep(lease, session, beginning, Layer(text=title, made_by=client.model[:200]))
        lease.make_way()


def borne_out(said: str, beginning: str, session: Session) -> str:
    """Return a title as it may be kept; "" when it is too long, in another language, or says what was not said."""
    first = answers.without_preface(said).split("\n")[0]
    title = _LABEL.sub("", _ITEM.sub("", first).strip(_MARKS)).strip(_MARKS)
    near = grounding.Near(turn=f"{beginning}\n{USUAL}", said_at=session.opened_at)
    is_same_language = (language_of(title) == "zh") == (language_of(beginning) == "zh")
    if not title or len(title) > LONGEST or not is_same_language or grounding.objection(near, "", [title]):
        log.info("title_dropped", session=session.pk)
        return ""
    return title


def _told(session: Session) -> str:
    turns = turns_of(session).filter(role="user").order_by("number")[:10]
    return cut("\n".join(turn.text for turn in turns), SHOWN)


def _keep(lease: Lease, session: Session, beginning: str, made: Layer) -> None:
    """Write a title, unless the session has one, is gone, or was changed or left out meanwhile."""
    with lease.fenced(is_writing=True) as job:
        if not _is_same(session, beginning):
            return
        Layer.objects.update_or_create(
            session=session,
            memory=None,
            level=TITLE,
            defaults={
                "owner_id": lease.owner_id,
                "text": made.text,
                "source_hash": b"",
                "made_by": made.made_by,
                "made_at": timezone.now(),
            },
        )
        lease.keep(job, {"titles": 1}, done=job.done, total=job.total)


def _is_same(session: Session, beginning: str) -> bool:
    """Say whether a session still wants a title, and begins as it did."""
    is_paused = Mind.objects.filter(pk=session.owner_id, is_learning=False).exists()
    now = Session.objects.filter(pk=session.pk, title="", is_learning=True).first()
    return now is not None and not is_paused and _told(now) == beginning
