"""Everything of a reader, to take along."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from books.parcel import parcel_of
from books.views.request import ReaderRequest
from mindory_web.lib.limits import spend
from mindory_web.lib.streams import blocks_for

PARCELS_PER_HOUR = 6


@require_POST
@login_required
def export(request: ReaderRequest) -> HttpResponseBase:
    """Send a zip file of everything that is the reader's."""
    spend(f"export:{request.user.pk}", limit=PARCELS_PER_HOUR, seconds=3600)
    day = timezone.localdate().isoformat()
    response = StreamingHttpResponse(blocks_for(request, parcel_of(request.user)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="mindory-{day}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response
