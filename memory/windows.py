"""What is looked at together: the next turns of a session, the few before them, and what may be learned from."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from memory import gates, grounding
from memory.layers import cut, tokens_in
from memory.models import Memory, Mind, Recall, Session
from memory.types import State
from mindory_web.lib.languages import language_of

SIZE: Final = 3_000  # tokens of new turns in one question
LEAST: Final = 400
MOST_TURNS: Final = 40
CONTEXT: Final = 4  # turns before the new ones, which nothing is learned from
CONTEXT_CHARACTERS: Final = 600  # of such a turn, and of what an assistant said
MOST_RECALLED: Final = 500
NEAR: Final = 4  # turns before a quoted one from which a fact may take a name


@dataclass(frozen=True, slots=True)
class Window:
    """Turns that are looked at together. Learned from are `grounds`, by number; `upto` is the first turn after it."""

    session: Session
    turns: Sequence[Memory]
    grounds: dict[int, gates.Ground]
    begin: int
    upto: int
    size: int = SIZE  # tokens; a longer turn is shown as far as that
    is_among_many: bool = False  # several people speak, so a fact is about who said it

    def turn(self, number: int) -> Memory:
        """Return a turn by its number."""
        return next(turn for turn in self.turns if turn.number == number)

    @property
    def language(self) -> str:
        """Return the language that most of it is in, as far as a script tells."""
        return language_of(" ".join(ground.free for ground in self.grounds.values()))

    @property
    def can_be_less(self) -> bool:
        """Say whether fewer turns, or less of a long one, may be looked at together."""
        return self._tokens > LEAST

    @property
    def half(self) -> int:
        """Return the size of a window that holds half as much."""
        return int(self._tokens / 2)

    @property
    def _tokens(self) -> float:
        """Return about how many tokens what is new in it has, as far as it is shown."""
        return min(float(self.size), sum(_shown(turn) for turn in self.turns if (turn.number or 0) >= self.begin))

    def only(self, there: Collection[int]) -> "Window":
        """Return the same without the turns whose ids are not in `there`."""
        turns = [turn for turn in self.turns if turn.pk in there]
        numbers = {turn.number for turn in turns}
        grounds = {number: ground for number, ground in self.grounds.items() if number in numbers}
        return replace(self, turns=turns, grounds=grounds)


def next_window(session: Session, *, size: int = SIZE) -> Window:
    """Return the next turns of a session, as many as fit one question, and the few before them."""
    rows = Memory.objects.filter(session=session, number__isnull=False, state=State.ACTIVE).exclude(text="")
    new: list[Memory] = []
    tokens = 0.0
    for turn in rows.filter(number__gte=session.learned_to).order_by("number")[: MOST_TURNS + 1]:
        tokens += _shown(turn)
        if new and (tokens > size or len(new) == MOST_TURNS):
            upto = int(turn.number or 0)
            break
        new.append(turn)
    else:
        upto = session.turn_count
    before = list(rows.filter(number__lt=session.learned_to).order_by("-number")[:CONTEXT])[::-1]
    grounds = _grounds(session, new)
    return Window(session, [*before, *new], grounds, session.learned_to, upto, size, _is_among_many(session))


def _shown(turn: Memory) -> float:
    """Return about how many tokens of a new turn are shown."""
    return tokens_in(turn.text if turn.role == "user" else turn.text[:CONTEXT_CHARACTERS])


def may_learn(session: Session) -> bool:
    """Say whether its reader lets anything be learned from a session, as it is now in the database."""
    is_paused = Mind.objects.filter(pk=session.owner_id, is_learning=False).exists()
    return not is_paused and Session.objects.filter(pk=session.pk, is_learning=True).exists()


def still_there(window: Window) -> set[int]:
    """Return the ids of those turns that have not been forgotten since they were read."""
    rows = Memory.objects.filter(pk__in=[turn.pk for turn in window.turns], state=State.ACTIVE)
    now = dict(rows.values_list("pk", "text"))
    return {turn.pk for turn in window.turns if now.get(turn.pk) == turn.text}


def written(window: Window) -> str:
    """Return the turns as a model reads them: one JSON object a line, so that no text can pretend to be a turn."""
    header = {"conversation": window.session.title, "books": len(window.session.books)}
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in [header, *_lines(window)])


def near(window: Window, turn: Memory, ground: gates.Ground) -> grounding.Near:
    """Return what a fact of this turn may draw on."""
    at = window.turns.index(turn)
    before = [one for one in window.turns[max(0, at - NEAR) : at] if one.role in {"user", "assistant"}]
    return grounding.Near(
        turn=ground.free,
        said_at=turn.observed_at,
        before=[*(one.text for one in before), *(one.caption for one in [*before, turn] if one.caption)],
        names=[turn.speaker, *window.session.participants, window.session.title],
        language=turn.language,
    )


def _grounds(session: Session, turns: Sequence[Memory]) -> dict[int, gates.Ground]:
    """Return those turns that something may be learned from, with what is barred in them."""
    recalled = list(
        Recall.objects.filter(session=session)
        .order_by("-id")
        .values_list("memory", "memory__text", "at")[:MOST_RECALLED]
    )
    found = {}
    for turn in turns:
        if turn.role != "user" or not turn.is_learnable:
            continue
        # What was said before something was recalled is no echo of it.
        echoes = {text for pk, text, at in recalled if pk != turn.pk and at <= turn.recorded_at}
        ground = gates.ground(turn.text, echoes)
        if gates.says_something(ground):
            found[int(turn.number or 0)] = ground
    return found


def _is_among_many(session: Session) -> bool:
    speakers = Memory.objects.filter(session=session, number__isnull=False, role="user").exclude(speaker="")
    return speakers.values("speaker").distinct().count() > 1


def _lines(window: Window) -> list[dict[str, Any]]:
    lines = []
    for turn in window.turns:
        number = int(turn.number or 0)
        is_new = number in window.grounds
        if turn.role in {"system", "tool"} or (turn.role == "user" and not turn.is_learnable):
            continue
        shown = window.grounds[number].free.strip() if is_new else turn.text[:CONTEXT_CHARACTERS]
        line = {"turn": number, **({"new": True} if is_new else {}), "who": _who(window, turn)}
        line |= {"date": f"{turn.observed_at:%Y-%m-%d %A}", "text": cut(shown, window.size)}
        lines.append(line | ({"picture": turn.caption[:CONTEXT_CHARACTERS]} if turn.caption else {}))
    return lines


def _who(window: Window, turn: Memory) -> str:
    if turn.role != "user":
        return turn.role
    return turn.speaker if window.is_among_many and turn.speaker else "reader"
