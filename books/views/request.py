"""What a view behind `login_required` is given."""

from django.http import HttpRequest

from mindory_web.accounts.models import Reader


class ReaderRequest(HttpRequest):
    """A request of somebody who is signed in; only for annotations."""

    user: Reader
