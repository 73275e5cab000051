"""One click puts Mindory's own handbook on the shelf."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from books import handbook
from books.views.request import ReaderRequest
from mindory_web.lib.logs import request_id


@require_POST
@login_required
def add(request: ReaderRequest) -> HttpResponse:
    """Shelve the handbook in the language of the page."""
    shelved = handbook.shelve(request.user, language=get_language() or "en", request_id=request_id())
    return redirect("library") if shelved.is_new else redirect("book", shelved.book.pk)
