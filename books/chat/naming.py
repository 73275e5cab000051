"""Names of conversations: a few words of the model for what was asked, once there is an answer.

Until then, and whenever that does not work, the title is the first question. A name the reader gave stays.
"""

import asyncio
import re
import secrets
from typing import Final

import structlog
from django.db import transaction

from books.chat import aside, talk
from books.chat.context import fill
from books.models import Conversation, Reply
from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import LLMClient, llm_client
from mindory_web.engines.types import ChatMessage
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

LONGEST: Final = 60  # characters of a name
READ: Final = 1_500  # characters of the question, and of the answer, that the model is shown
MOST_TOKENS: Final = 400  # some models think first
TRIES: Final = 3  # answers of a conversation after which it is named, should it fail

_CHIPS: Final = re.compile(r" ?\[\d{1,3}\]")
_ENDS: Final = " .。,，;；:：!！、"


def name(reply_id: int) -> str:
    """Let the model name the conversation of a reply that is done; return the name, "" when it got none."""
    client, reply = llm_client(), _asked(reply_id)
    if client is None or reply is None:
        return ""
    try:
        found = _thought_of(client, reply)
    except (EngineError, TimeoutError) as error:
        _note(reply, error=getattr(error, "code", "too_slow"))
        return ""
    if not found:
        _note(reply, error="nothing_fit")
        return ""
    unnamed = Conversation.objects.filter(pk=reply.conversation_id, named_by="")
    if not unnamed.update(title=found, named_by=Conversation.Namer.MODEL):
        return ""  # the reader was faster
    _note(reply, title=found)
    talk.tell_changed(Conversation.objects.get(pk=reply.conversation_id))
    return found


def _asked(reply_id: int) -> Reply | None:
    """Return the reply to name its conversation after, when it may be."""
    with transaction.atomic():
        reply = (
            Reply.objects.select_for_update(of=("self",))
            .select_related("conversation")
            .filter(pk=reply_id, state=Reply.State.DONE, conversation__named_by="", conversation__removed_at=None)
            .first()
        )
        if reply is None or "named" in reply.trace:  # a message may come twice
            return None
        done = Reply.objects.filter(conversation=reply.conversation_id, state=Reply.State.DONE, pk__lt=reply.pk)
        if done.count() >= TRIES:
            return None
        _note(reply)
    return reply


def _thought_of(client: LLMClient, reply: Reply) -> str:
    said = asyncio.run(aside.answer(client, messages(reply.question, reply.text), max_tokens=MOST_TOKENS))
    return next(iter(names(said)), "")


def messages(question: str, answer: str) -> list[ChatMessage]:
    """Return what the model is told."""
    language = "zh" if language_of(question) == "zh" else "en"
    fence = f"=== {secrets.token_hex(4)} ==="
    values = {"fence": fence, "question": question[:READ], "answer": _CHIPS.sub("", answer)[:READ]}
    return [
        {"role": "system", "content": fill("title", language, {"fence": fence})},
        {"role": "user", "content": fill("title_of", language, values)},
    ]


def names(said: str) -> list[str]:
    """Return what of an answer can be a name: short lines of plain words."""
    found = (
        re.sub(r"^(?:title|name|标题|题目|名称)\s*[:：]\s*", "", line, flags=re.IGNORECASE) for line in _lines(said)
    )
    return [bare for line in found if (bare := aside.plain(line).rstrip(_ENDS))]


def _lines(said: str) -> list[str]:
    return aside.lines(said, longest=LONGEST)


def _note(reply: Reply, **what: str) -> None:
    """Write down in the trace what became of naming."""
    reply.trace["named"] = what
    reply.save(update_fields=["trace"])
    if error := what.get("error"):
        log.info("conversation_not_named", conversation=reply.conversation_id, error=error)
