"""What an admin does from the dashboard: test an engine, take a failed book up again, sign in."""

import time
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from books.admin import act
from books.models import Book
from mindory_web.engines.embedding import embedding_engine
from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import llm_client
from mindory_web.engines.types import EngineHealth
from mindory_web.lib.errors import MindoryError, NotAllowed

VERBS: Final = frozenset({"retry", "cancel", "reingest"})
SAMPLE: Final = "The sea was calm, and the ship went on."


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send whoever is not signed in to the one door; tell a reader that this panel is for admins."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise NotAllowed(_("This part is for admins."))
    return redirect_to_login(request.GET.get("next") or "/admin/", str(settings.LOGIN_URL))


@require_http_methods(["GET", "HEAD", "POST"])
def engine_test(request: HttpRequest) -> HttpResponse:
    """Show the engines; on POST ask each for something small and say how it went."""
    which = request.POST.get("engine", "")
    results = (
        [tested(each) for each in ("model", "embedding") if which in {"", each}] if request.method == "POST" else []
    )
    shown: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Engines"),
        "results": results,
        "model": settings.LLM_MODEL,
        "endpoint": settings.LLM_BASE_URL,
    }
    return render(request, "admin/engine_test.html", shown)


def tested(engine: str) -> dict[str, Any]:
    """Ask one engine and return its name and health. Never raises for an engine that is ill."""
    if engine == "model":
        client = llm_client()
        return {"name": _("Language model"), "health": async_to_sync(client.check)() if client else _no_model()}
    return {"name": _("Embedding"), "health": _embedding()}


def _no_model() -> EngineHealth:
    return EngineHealth(
        is_well=True, sentence=_("No language model is set up. Answers are quotes only, which always works.")
    )


def _embedding() -> EngineHealth:
    started = time.perf_counter()
    model = ""
    try:
        engine = embedding_engine()
        model = engine.model
        vectors = engine.embed([SAMPLE], is_urgent=True)
    except EngineError as error:
        return EngineHealth(is_well=False, sentence=str(error), model=model)
    milliseconds = (time.perf_counter() - started) * 1000
    length = float((vectors[0] ** 2).sum()) ** 0.5
    sentence = _("One sentence became a vector of %(n)s numbers and length %(length)s.")
    return EngineHealth(
        is_well=True,
        sentence=sentence % {"n": vectors.shape[1], "length": f"{length:.3f}"},
        model=model,
        milliseconds=milliseconds,
    )


@require_POST
def act_on_book(request: HttpRequest, pk: int, verb: str) -> HttpResponseRedirect:
    """Do something about a failed book and go back to the dashboard."""
    if verb not in VERBS:
        raise NotAllowed(_("This cannot be done to a book."))
    book = get_object_or_404(Book.objects.select_related("owner"), pk=pk)
    try:
        act(request.user, book, verb)
    except MindoryError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("“%(title)s” is on its way again.") % {"title": book.title})
    return redirect("admin:index")
