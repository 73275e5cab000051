"""A reader's e-mail address, and how it changes."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid
from mindory_web.lib.limits import spend


def change(request: HttpRequest, reader: Reader, *, email: str, password: str) -> bool:
    """Change the address after checking the password; say whether it holds at once.

    Where mail can be sent, the new address must first be confirmed by the link sent to it.
    """
    spend(f"email:{reader.pk}", limit=10, seconds=600)
    if not reader.check_password(password):
        raise Invalid(_("That password does not match. Try again."), field="password")
    if email == reader.email:
        raise Invalid(_("This is your address already."), field="email")
    if settings.EMAIL_URL:
        # An address of someone else is refused at the confirmation, by its link, not here by a sentence.
        EmailAddress.objects.add_new_email(request, reader, email)
        return False
    try:
        with transaction.atomic():
            reader.email = email
            reader.save(update_fields=["email"])
            EmailAddress.objects.filter(user=reader).delete()
            EmailAddress.objects.create(user=reader, email=email, primary=True, verified=False)
    except IntegrityError as taken:
        reader.refresh_from_db(fields=["email"])
        raise Invalid(_("This address cannot be used. Try another one."), field="email") from taken
    return True
