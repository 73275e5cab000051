"""What the members of the memory's bodies and answers mean, as the handbook of the API shows them.

One word means one thing wherever it stands, so each is described once. MCP has its own, shorter descriptions.
"""

from collections.abc import Mapping
from typing import Any, Final

WORDS: Final[Mapping[str, str]] = {
    "id": "Stays the same for as long as the memory is there, and across forgetting and undo.",
    "revision": "Grows with each change. Send it as `If-Match` (in a batch as `revision`): 409 if somebody was faster.",
    "text": "One thing, in a whole sentence that can be understood alone.",
    "type": "Which of the six types; worked out from the text when it is not given.",
    "type_confidence": "How sure the words are of the type; 1 when it was told.",
    "subject": "Whom or what it is about; `user` is the reader.",
    "attribute": "What of them: `name`, `home`, `employer`, `likes` ... Some have one value at a time.",
    "value": "The value of the attribute, such as `Ghent`.",
    "language": "BCP 47; worked out from the script when it is not given. Empty for Latin letters.",
    "importance": "0 to 1; worked out from the text when it is not given. 1 for a pinned memory.",
    "confidence": "0 to 1: how sure the sender is of it.",
    "is_pinned": "Pinned memories never fade, and no quota puts them away.",
    "state": "`archived`: only `include_archived` finds it, and `restore` brings it back.",
    "agent": "The program that told it, by a name of its own.",
    "session": "Key of the session that it belongs to.",
    "number": "Of a turn: its place in the session, from 0. Null for everything else.",
    "role": "Of a turn: who speaks.",
    "speaker": "Of a turn: the name of who speaks.",
    "caption": "Of a turn: what the picture shows that went with it.",
    "book": "Id of the book that it belongs to.",
    "source": "Where it comes from.",
    "observed_at": "When it was said or seen; now unless told. Not in the future.",
    "valid_from": "True from this time on. Empty: as far back as can be told.",
    "valid_to": "True until this time, and not at it. Empty: it still is.",
    "recorded_at": "When Mindory was told.",
    "changed_at": "When it was changed last.",
    "superseded_by": "Id of the value that took its place.",
    "expires_on": "On this day it is forgotten for good. Only a day to come is taken.",
    "stability_days": "How slowly it fades; using it makes that slower.",
    "retention": "0 to 1: how well it is held by now. It moves a score by at most 15 %, and hides nothing.",
    "used_count": "How many answers drew on it.",
    "last_used_at": "When an answer drew on it last.",
    "told_count": "How often it was told, in these words or others.",
    "metadata": "An object of your own, up to 16 KB. A change replaces it whole.",
    "layers": "Shorter forms: `l0` an abstract, `l1` an overview, `l2` the text itself.",
    "l0": "An abstract.",
    "l1": "An overview.",
    "score": "0 to 1, and comparable between searches. Below 0.2 hardly anything fits.",
    "parts": "With `explain`: what the score is made of.",
    "outcome": "`repeated`, `merged`: known, in the same words or others. `superseding`: it took the place of an older "
    "value. `history`: a newer value is known.",
    "memory": "As it is now.",
    "kind": "Of a source: a `message`, a `book`, an `event` of reading, or told as it is (`api`). Of a job: its work.",
    "turn": "Id of the turn that it was learned from.",
    "quote": "The very words that it rests on.",
    "place": "Where they stand in a book.",
    "section": "Number of the section, from 0.",
    "start": "First character.",
    "end": "The character after the last.",
    "key": "Your own name of it: the same key twice is one.",
    "label": "What people may read of where it comes from.",
    "title": "For people. A session without one gets one when it closes.",
    "books": "Ids of the books that it is about.",
    "participants": "Who takes part, by name.",
    "is_learning": "False: nothing is learned from it.",
    "is_following": "False: what is read, marked and noted makes no memories.",
    "turn_count": "How many turns it has.",
    "learned_to": "Up to which turn memories were learned.",
    "opened_at": "When it was begun.",
    "last_turn_at": "When something was said in it last.",
    "closed_at": "When it was closed; a new turn opens it again.",
    "said_at": "When it was said; now unless told.",
    "messages": "In their order.",
    "query": "A question or some words.",
    "filters": "Which memories come into question; everything is \"and\".",
    "limit": "How many at most.",
    "offset": "Leave out so many first. Send the `known_at` of the first page with every page, and none comes twice.",
    "min_score": "Leave out what scores less.",
    "reference_date": "The day that “last summer” is reckoned from; now unless told.",
    "explain": "Tell with each result what its score is made of.",
    "dimension": "`user`: told or learned; `session`: said turn by turn; `agent`, `resource`: with `agent`, `book`.",
    "pinned": "True: only pinned ones; false: only others.",
    "since": "Observed at or after.",
    "until": "Observed before.",
    "as_of": "What was true then, instead of now.",
    "known_at": "As far as it had been recorded by then.",
    "include_archived": "Also what was put away.",
    "include_past": "Also what is no longer valid.",
    "everything": "All of it, and no filter beside it.",
    "reason": "Kept in the history.",
    "event": "Id of an event of its history: back to how it was before.",
    "token": "The `undo` of a receipt.",
    "create": "Done first.",
    "update": "Done then.",
    "forget": "Done last.",
    "receipt": "What was forgotten.",
    "error": "Why it was not done.",
    "ids": "The memories that were forgotten.",
    "count": "How many there are in all.",
    "items": "One page of them.",
    "sessions": "Whole sessions.",
    "at": "When it was.",
    "undo": "Brings it back, for five minutes. Empty when it was too much for that. Mindory keeps no copy.",
    "undo_until": "How long.",
    "is_unsure": "Nothing fits well: better say that nothing is known.",
    "took_ms": "Milliseconds that the search took.",
    "done": "How much of it is done.",
    "total": "Of how much; 0: not known yet.",
    "attempts": "How often it was begun.",
    "created_at": "When it was queued.",
    "finished_at": "When it was over.",
    "job": "The work of learning from it; null when there is nothing to learn.",
    "verb": "What was done.",
    "before": "The fields that changed, as they were.",
    "after": "The same fields, as they are since.",
    "actor": "Who did it: `reader`, `key: NAME`, `import` ...",
    "words": "The share of the question's words that it holds, 0 to 1.",
    "vector": "How near its meaning is, 0 to 1.",
    "entity": "1 if it is said by, or about, whom the question names.",
    "time": "How well it fits the days that the question names, 0 to 1.",
    "telling": "How much a turn tells, whatever is asked, 0.6 to 1.3.",
    "validity": "0.95 for what is no longer true.",
    "wait": "Seconds to wait until memories are learned.",
    "with_learned": "False: keep what was learned from it.",
    "is_over": "Never learn from a session of this key again.",
}  # fmt: skip
DESCRIBED: Final = (
    "MemoryIn MemoryChange UpdateIn MemoryOut SourceIn SourceOut PlaceIn LayersOut PartsOut Remembered BatchIn "
    "BatchCreated BatchForgotten SearchIn Narrowing FoundOut SessionFoundOut SessionIn SessionChange SessionOut "
    "SessionPage SessionClosed TurnIn MessagesIn ForgetIn ReceiptOut UndoIn RestoreIn EventOut JobOut MemoryPage "
    "MemoriesSaid HistoryOut SwitchesIn SwitchesOut"
)


def describe(schema: dict[str, Any]) -> None:
    """Write into an OpenAPI schema what the memory's members mean, where nothing says it yet."""
    schemas = schema["components"]["schemas"]
    for name in DESCRIBED.split():
        for member, told in schemas[name]["properties"].items():
            _explain(told, member)
    for path, methods in schema["paths"].items():
        if "/memory/" not in path:
            continue
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    _explain(parameter, parameter["name"])


def _explain(told: dict[str, Any], name: str) -> None:
    if "description" not in told and name in WORDS:
        told["description"] = WORDS[name]
