"""Who may use what: one row (or several) for every page, API operation and socket command.

A hole like `{book}` stands for a thing of alice's. What each word promises is in test_permissions.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Who = Literal["anyone", "signed in", "owner", "admin", "operator"]


@dataclass(frozen=True, slots=True)
class Row:
    """One way to use an address. `address` is needed where the route has holes."""

    who: Who
    method: str = "GET"
    address: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def get(who: Who, address: str = "") -> Row:
    """Return a row for looking."""
    return Row(who, "GET", address)


def post(who: Who, address: str = "", **data: Any) -> Row:
    """Return a row for sending a form."""
    return Row(who, "POST", address, data)


PAGES: dict[str, tuple[Row, ...]] = {
    # The site
    "health": (get("anyone"),),
    "health/ready": (get("anyone"),),
    "metrics": (get("operator"),),  # also this machine itself, and who has the token
    "source": (get("anyone"),),
    "manifest.webmanifest": (get("anyone"),),
    "service-worker.js": (get("anyone"),),
    "offline": (get("anyone"),),
    "jsi18n/": (get("anyone"),),
    "api/docs": (get("anyone"),),
    "api/v1/": (get("anyone"),),
    "api/v1/openapi.json": (get("anyone"),),
    # The doors
    "setup/": (get("anyone"),),
    "invitation/<str:token>/": (get("anyone", "/invitation/unknown/"),),
    "language/": (post("anyone", language="en"),),
    "account/login/": (get("anyone"),),
    "account/logout/": (get("anyone"),),
    "account/inactive/": (get("anyone"),),
    "account/signup/": (get("anyone"),),
    "account/password/reset/": (get("anyone"),),
    "account/password/reset/done/": (get("anyone"),),
    "account/password/reset/key/done/": (get("anyone"),),
    r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
        get("anyone", "/account/password/reset/key/1-unknown/"),
    ),
    "account/confirm-email/": (get("anyone"),),
    r"account/^confirm-email/(?P<key>[-:\w]+)/$": (get("anyone", "/account/confirm-email/unknown/"),),
    "account/login/code/confirm/": (get("anyone"),),  # by code is off: it leads to the sign-in page
    "account/email/": (get("anyone"), post("anyone", action_add="", email="x@example.org")),  # leads to the settings
    "account/sessions/": (get("anyone"), post("anyone")),  # leads to the settings
    "account/reauthenticate/": (get("signed in"),),
    "account/password/change/": (get("signed in"),),
    "account/password/set/": (get("signed in"),),
    # Settings
    "settings/": (get("signed in"),),
    "settings/name/": (post("signed in", first_name="x"),),
    "settings/email/": (post("signed in", email="x@example.org", password="wrong"),),
    "settings/look/": (post("signed in", language="", theme=""),),
    "settings/reading/": (post("signed in", size="19"),),
    "settings/talks/": (post("signed in", default_scope="library"),),
    "settings/device/": (post("signed in"),),
    "settings/delete/": (post("signed in", username="x", password="wrong"),),
    "settings/export/": (post("signed in"),),
    "settings/sessions/end-others/": (post("signed in"),),
    "settings/sessions/<int:number>/end/": (post("owner", "/settings/sessions/{session}/end/"),),
    "settings/keys/": (post("signed in", name="x"),),
    "settings/keys/<int:number>/revoke/": (post("owner", "/settings/keys/{key}/revoke/"),),
    "settings/invitations/": (post("admin", email=""),),
    "settings/invitations/<int:number>/withdraw/": (post("admin", "/settings/invitations/{invitation}/withdraw/"),),
    # Books
    "": (get("signed in"), get("owner", "/?collection={collection}")),
    "shelf/": (get("signed in"), get("owner", "/shelf/?collection={collection}&from=48")),
    "shelf/filters": (get("signed in"),),
    "shelf/found": (get("signed in", "/shelf/found?q=whale"),),
    "shelf/sidebar": (get("signed in"),),
    "shelf/chosen": (get("signed in"), get("owner", "/shelf/chosen?books={book}")),
    "books/<int:pk>/": (get("owner", "/books/{book}/"), get("owner", "/books/{book}/?section=0&start=0&end=4")),
    "books/<int:pk>/about": (
        get("owner", "/books/{book}/about"),
        post("owner", "/books/{book}/about", title="Taken"),
    ),
    "books/<int:pk>/about/cover": (post("owner", "/books/{book}/about/cover", remove="1"),),
    "books/<int:pk>/about/again": (post("owner", "/books/{book}/about/again"),),
    "books/<int:pk>/about/collections": (
        post("owner", "/books/{book}/about/collections", put="{collection}"),
        post("owner", "/books/{book}/about/collections", take="{collection}"),
    ),
    "books/<int:pk>/about/remove": (post("owner", "/books/{book}/about/remove"),),
    "books/<int:pk>/about/removed": (
        get("owner", "/books/{book}/about/removed"),
        post("owner", "/books/{book}/about/removed"),
    ),
    "books/<int:pk>/encoding": (
        get("owner", "/books/{book}/encoding"),
        post("owner", "/books/{book}/encoding", encoding="gb18030"),
    ),
    "books/<int:pk>/unlock": (post("owner", "/books/{book}/unlock", password="x"),),
    "books/<int:pk>/card": (get("owner", "/books/{book}/card"),),
    "books/<int:pk>/cover": (get("owner", "/books/{book}/cover"),),
    "books/<int:pk>/pictures/<int:number>": (get("owner", "/books/{book}/pictures/0"),),
    "books/<int:pk>/pages/<int:number>": (
        get("owner", "/books/{book}/pages/0?width=400"),
        get("owner", "/books/{book}/pages/0?width=4800&part=0:0"),
    ),
    "books/<int:pk>/pages/<int:number>/words": (get("owner", "/books/{book}/pages/0/words"),),
    "books/<int:pk>/pages/<int:number>/links": (get("owner", "/books/{book}/pages/0/links"),),
    "books/<int:pk>/sections/<int:number>": (get("owner", "/books/{book}/sections/0"),),
    "books/<int:pk>/sections/<int:number>/note": (get("owner", "/books/{book}/sections/0/note?start=0&end=4"),),
    "handbook/": (post("signed in"),),
    "talks/": (get("signed in"),),
    "talks/<int:pk>/": (get("owner", "/talks/{conversation}/"),),
    "talks/list": (get("signed in", "/talks/list?q=who"),),
    "talks/thread": (
        get("signed in"),
        get("owner", "/talks/thread?conversation={conversation}"),
        get("owner", "/talks/thread?book={book}"),
    ),
    "talks/books": (get("signed in", "/talks/books?q=whale"),),
    # The memory
    "memory/": (get("signed in"), get("signed in", "/memory/?q=whale&book={book}")),
    "memory/list": (get("signed in", "/memory/list?q=whale"), get("signed in", "/memory/list?kind=forgotten")),
    "memory/kinds": (get("signed in"),),
    "memory/<int:pk>/": (get("owner", "/memory/{memory}/"), get("owner", "/memory/{turn}/")),
    "memory/<int:pk>/place": (get("owner", "/memory/{memory}/place"),),
    "memory/<int:pk>/history": (get("owner", "/memory/{memory}/history"),),
}

API: dict[tuple[str, str], tuple[Row, ...]] = {
    ("GET", "me"): (get("signed in"),),
    ("PATCH", "me/reading"): (Row("signed in", "PATCH", "me/reading", {"size": "19"}),),
    ("GET", "books"): (get("signed in"), get("owner", "books?collection={collection}&sort=title")),
    ("GET", "collections"): (get("signed in"),),
    ("POST", "collections"): (post("signed in", name="Taken"),),
    ("GET", "collections/<collection>"): (get("owner", "collections/{collection}"),),
    ("PATCH", "collections/<collection>"): (Row("owner", "PATCH", "collections/{collection}", {"name": "Taken"}),),
    ("DELETE", "collections/<collection>"): (Row("owner", "DELETE", "collections/{collection}"),),
    ("POST", "collections/<collection>/put"): (post("owner", "collections/{collection}/put", books=["{book}"]),),
    ("POST", "collections/<collection>/take"): (post("owner", "collections/{collection}/take", books=["{book}"]),),
    ("POST", "shelf/remove"): (post("owner", "shelf/remove", books=["{book}"]),),
    ("POST", "shelf/restore"): (post("owner", "shelf/restore", books=["{book}"]),),
    ("POST", "books"): (post("signed in"),),
    ("OPTIONS", "uploads"): (Row("signed in", "OPTIONS"),),
    ("POST", "uploads"): (post("signed in"),),
    ("HEAD", "uploads/<upload>"): (Row("owner", "HEAD", "uploads/{upload}"),),
    ("GET", "uploads/<upload>"): (get("owner", "uploads/{upload}"),),
    ("PATCH", "uploads/<upload>"): (Row("owner", "PATCH", "uploads/{upload}"),),
    ("DELETE", "uploads/<upload>"): (Row("owner", "DELETE", "uploads/{upload}"),),
    ("GET", "books/<book>"): (get("owner", "books/{book}"),),
    ("PATCH", "books/<book>"): (Row("owner", "PATCH", "books/{book}", {"title": "Taken"}),),
    ("DELETE", "books/<book>"): (Row("owner", "DELETE", "books/{book}"),),
    ("GET", "books/<book>/encodings"): (get("owner", "books/{book}/encodings"),),
    ("POST", "books/<book>/encoding"): (post("owner", "books/{book}/encoding", encoding="big5"),),
    ("POST", "books/<book>/unlock"): (post("owner", "books/{book}/unlock", password="x"),),
    ("GET", "books/<book>/pictures"): (get("owner", "books/{book}/pictures"),),
    ("GET", "books/<book>/pictures/<number>"): (get("owner", "books/{book}/pictures/0"),),
    ("GET", "books/<book>/cover"): (get("owner", "books/{book}/cover"),),
    ("PUT", "books/<book>/cover"): (Row("owner", "PUT", "books/{book}/cover"),),
    ("DELETE", "books/<book>/cover"): (Row("owner", "DELETE", "books/{book}/cover"),),
    ("GET", "books/<book>/pages"): (get("owner", "books/{book}/pages"),),
    ("GET", "books/<book>/pages/<number>"): (get("owner", "books/{book}/pages/0"),),
    ("GET", "books/<book>/pages/<number>/image"): (get("owner", "books/{book}/pages/0/image?width=400"),),
    ("GET", "books/<book>/boxes"): (get("owner", "books/{book}/boxes?section=0&start=0&end=4"),),
    ("GET", "books/<book>/annotations"): (get("owner", "books/{book}/annotations"),),
    ("POST", "books/<book>/annotations"): (post("owner", "books/{book}/annotations", section=0, start=0, end=4),),
    ("GET", "books/<book>/annotations/export"): (
        get("owner", "books/{book}/annotations/export"),
        get("owner", "books/{book}/annotations/export?format=json"),
    ),
    ("GET", "books/<book>/annotations/state"): (get("owner", "books/{book}/annotations/state"),),
    ("GET", "books/<book>/citations"): (get("owner", "books/{book}/citations?first=0&last=1"),),
    ("GET", "books/<book>/citations/sections"): (get("owner", "books/{book}/citations/sections"),),
    ("GET", "books/<book>/annotations/unplaced"): (get("owner", "books/{book}/annotations/unplaced"),),
    ("GET", "books/<book>/annotations/<annotation>"): (get("owner", "books/{book}/annotations/{annotation}"),),
    ("PATCH", "books/<book>/annotations/<annotation>"): (
        Row("owner", "PATCH", "books/{book}/annotations/{annotation}", {"text": "Taken"}),
    ),
    ("DELETE", "books/<book>/annotations/<annotation>"): (
        Row("owner", "DELETE", "books/{book}/annotations/{annotation}"),
    ),
    ("POST", "books/<book>/retry"): (post("owner", "books/{book}/retry"),),
    ("POST", "books/<book>/cancel"): (post("owner", "books/{book}/cancel"),),
    ("POST", "books/<book>/reingest"): (post("owner", "books/{book}/reingest"),),
    ("GET", "books/<book>/sections"): (get("owner", "books/{book}/sections"),),
    ("GET", "books/<book>/sections/<number>"): (get("owner", "books/{book}/sections/0"),),
    ("GET", "books/<book>/sections/<number>/text"): (get("owner", "books/{book}/sections/0/text"),),
    ("GET", "books/<book>/sections/<number>/origins"): (get("owner", "books/{book}/sections/0/origins"),),
    ("GET", "books/<book>/place"): (get("owner", "books/{book}/place"),),
    ("PUT", "books/<book>/place"): (Row("owner", "PUT", "books/{book}/place", {"section": 0, "offset": 1}),),
    ("GET", "books/<book>/places"): (get("owner", "books/{book}/places"),),
    ("GET", "books/<book>/reach"): (get("owner", "books/{book}/reach"),),
    ("PUT", "books/<book>/reach"): (Row("owner", "PUT", "books/{book}/reach", {"section": 0, "offset": 1}),),
    ("GET", "books/<book>/words"): (get("owner", "books/{book}/words?q=whale"),),
    ("GET", "suggestions"): (get("signed in", "suggestions"),),
    ("GET", "books/<book>/suggestions"): (get("owner", "books/{book}/suggestions"),),
    ("GET", "search"): (get("signed in", "search?q=whale"), get("owner", "search?q=whale&book={book}")),
    ("GET", "conversations"): (get("signed in"),),
    ("POST", "conversations"): (
        post("signed in"),
        post("owner", "conversations", book="{book}"),
        post("owner", "conversations", books=["{book}"]),
        post("owner", "conversations", collection="{collection}"),
    ),
    ("GET", "conversations/<conversation>"): (get("owner", "conversations/{conversation}"),),
    ("PATCH", "conversations/<conversation>"): (
        Row("owner", "PATCH", "conversations/{conversation}", {"title": "Taken"}),
        Row("owner", "PATCH", "conversations/{conversation}", {"tip": "{reply}", "is_pinned": True}),
    ),
    ("DELETE", "conversations/<conversation>"): (
        Row("owner", "DELETE", "conversations/{conversation}?undo=1"),
        Row("owner", "DELETE", "conversations/{conversation}"),
    ),
    ("POST", "conversations/<conversation>/restore"): (post("owner", "conversations/{conversation}/restore"),),
    ("POST", "conversations/<conversation>/messages"): (
        post("owner", "conversations/{conversation}/messages", text="Who speaks?"),
    ),
    ("GET", "replies/<reply>"): (get("owner", "replies/{reply}"),),
    ("GET", "replies/<reply>/frames"): (get("owner", "replies/{reply}/frames"),),
    ("POST", "replies/<reply>/stop"): (post("owner", "replies/{reply}/stop"),),
    ("POST", "replies/<reply>/again"): (post("owner", "replies/{reply}/again"),),
    ("POST", "replies/<reply>/continue"): (post("owner", "replies/{reply}/continue"),),
    ("PUT", "replies/<reply>/feedback"): (Row("owner", "PUT", "replies/{reply}/feedback", {"value": -1}),),
    ("GET", "replies/<reply>/trace"): (get("owner", "replies/{reply}/trace"),),
    ("GET", "conversations/<conversation>/export"): (
        get("owner", "conversations/{conversation}/export"),
        get("owner", "conversations/{conversation}/export?format=json"),
    ),
    # The memory. A session's key is its reader's own word, so anybody may have one of the same name.
    ("GET", "memory"): (get("signed in"), get("signed in", "memory?session={told}&type=personal")),
    ("POST", "memory"): (
        post("signed in", text="The sea is wide."),
        post("owner", "memory", text="The sea is wide.", source={"kind": "message", "turn": "{turn}"}),
        post("owner", "memory", text="The sea is wide.", session="{told}"),
    ),
    ("POST", "memory/batch"): (post("signed in", forget=["{memory}"]),),
    ("POST", "memory/search"): (
        post("signed in", query="Who hunts the whale?"),
        post("signed in", "memory/search", query="Who hunts the whale?", filters={"session": "{told}"}),
    ),
    ("GET", "memory/export"): (get("signed in"),),
    ("POST", "memory/import"): (post("signed in"),),
    ("POST", "memory/forget"): (
        post("signed in", everything=True),
        post("signed in", "memory/forget", session="{told}"),
        post("signed in", "memory/forget", type="personal", until="2999-01-01"),
    ),
    ("POST", "memory/forget/undo"): (post("signed in", token="x"),),
    ("GET", "memory/stats"): (get("signed in"),),
    ("GET", "memory/health"): (get("signed in"),),
    ("GET", "memory/settings"): (get("signed in"),),
    ("PATCH", "memory/settings"): (Row("signed in", "PATCH", "memory/settings", {"is_learning": False}),),
    ("GET", "memory/jobs/<job>"): (get("owner", "memory/jobs/{learning}"),),
    ("GET", "memory/sessions"): (get("signed in"),),
    ("POST", "memory/sessions"): (post("signed in", key="{told}", title="Taken"),),
    ("GET", "memory/sessions/<key>"): (get("owner", "memory/sessions/{told}"),),
    ("PATCH", "memory/sessions/<key>"): (Row("owner", "PATCH", "memory/sessions/{told}", {"title": "Taken"}),),
    ("DELETE", "memory/sessions/<key>"): (Row("owner", "DELETE", "memory/sessions/{told}"),),
    ("POST", "memory/sessions/<key>/messages"): (post("signed in", "memory/sessions/{told}/messages", text="Ahoy!"),),
    ("POST", "memory/sessions/<key>/close"): (post("owner", "memory/sessions/{told}/close"),),
    ("GET", "memory/sessions/<key>/timeline"): (get("owner", "memory/sessions/{told}/timeline"),),
    ("GET", "memory/sessions/<key>/layers"): (get("owner", "memory/sessions/{told}/layers"),),
    ("GET", "memory/<memory>"): (get("owner", "memory/{memory}"), get("owner", "memory/{turn}")),
    ("PATCH", "memory/<memory>"): (
        Row("owner", "PATCH", "memory/{memory}", {"text": "Taken"}),
        Row("owner", "PATCH", "memory/{turn}", {"is_pinned": True}),
    ),
    ("DELETE", "memory/<memory>"): (Row("owner", "DELETE", "memory/{memory}"), Row("owner", "DELETE", "memory/{turn}")),
    ("GET", "memory/<memory>/history"): (get("owner", "memory/{memory}/history"),),
    ("GET", "memory/<memory>/layers"): (get("owner", "memory/{memory}/layers"),),
    ("POST", "memory/<memory>/restore"): (post("owner", "memory/{memory}/restore"),),
    ("POST", "memory/<memory>/archive"): (post("owner", "memory/{memory}/archive"),),
    ("POST", "memory/<memory>/pin"): (post("owner", "memory/{memory}/pin"),),
    ("DELETE", "memory/<memory>/pin"): (Row("owner", "DELETE", "memory/{memory}/pin"),),
}

# What a page may send over the socket. "owner": naming someone else's thing is refused as not found.
COMMANDS: dict[str, tuple[dict[str, Any], ...]] = {
    "ping": (),
    "ask": (
        {"type": "ask", "nonce": "n1", "text": "Who speaks?", "book": "{book}"},
        {"type": "ask", "nonce": "n2", "text": "Who speaks?", "conversation": "{conversation}"},
        {"type": "ask", "nonce": "n3", "text": "Who speaks?", "parent": "{reply}"},
        {"type": "ask", "nonce": "n4", "text": "Who speaks?", "scope": "books", "books": ["{book}"]},
        {"type": "ask", "nonce": "n5", "text": "Who speaks?", "scope": "collection", "collection": "{collection}"},
        {
            "type": "ask",
            "nonce": "n6",
            "text": "Who speaks?",
            "about": {"kind": "ask", "book": "{book}", "section": 0, "start": 0, "end": 4},
        },
    ),
    "again": ({"type": "again", "nonce": "n5", "reply": "{reply}"},),
    "continue": ({"type": "continue", "nonce": "n6", "reply": "{reply}"},),
    "choose": ({"type": "choose", "reply": "{reply}"},),
    "join": ({"type": "join", "conversation": "{conversation}"},),
    "leave": ({"type": "leave", "conversation": "{conversation}"},),
    "resume": ({"type": "resume", "reply": "{reply}", "seq": 0},),
    "stop": ({"type": "stop", "reply": "{reply}"},),
}

# Tools of MCP. "owner": naming someone else's thing is refused as not found; "signed in": it answers with one's own.
TOOLS: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "list_books": (("signed in", {}),),
    "search_books": (("signed in", {"query": "Ishmael"}), ("owner", {"query": "Ishmael", "book": "{book}"})),
    "read_passage": (("owner", {"book": "{book}", "section": 0}),),
    "ask_book": (
        ("owner", {"question": "Who speaks?", "book": "{book}", "wait": 0}),
        ("owner", {"question": "Who speaks?", "conversation": "{conversation}", "wait": 0}),
    ),
    "recall": (
        ("signed in", {"query": "Who hunts the whale?"}),
        ("signed in", {"query": "Who hunts the whale?", "session": "{told}", "book": "{book}"}),
    ),
    "get_memory": (("owner", {"memory_id": "{memory}"}), ("owner", {"memory_id": "{turn}"})),
    "list_memories": (("signed in", {}), ("signed in", {"session": "{told}", "dimension": "session"})),
    "memory_history": (("owner", {"memory_id": "{memory}"}),),
    "memory_stats": (("signed in", {}),),
    "remember": (
        ("signed in", {"text": "The sea is wide."}),
        ("owner", {"text": "The sea is wide.", "session": "{told}"}),
    ),
    "update_memory": (("owner", {"memory_id": "{memory}", "text": "Taken"}),),
    "pin_memory": (("owner", {"memory_id": "{memory}"}), ("owner", {"memory_id": "{turn}"})),
    "forget": (
        ("owner", {"ids": ["{memory}"]}),
        ("signed in", {"session": "{told}"}),
        ("signed in", {"book": "{book}"}),
        ("signed in", {"type": "personal", "until": "2999-01-01"}),
    ),
    "undo_forget": (("refused", {"token": "x"}),),
}
