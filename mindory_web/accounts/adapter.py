"""Who may sign up, and what allauth does differently here."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mindory_web.accounts import invitations
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's adapter, with Mindory's sign-up policy."""

    _mismatch = gettext_lazy("Name and password do not match. Try again.")
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _mismatch,
        "email_password_mismatch": _mismatch,
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait five minutes, or set a new password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say whether this visitor may sign up: everyone, the invited, or no one."""
        if settings.SIGNUP == "invitation":
            return invitations.waiting(request.session) is not None
        return bool(settings.SIGNUP == "open")

    def save_user(self, request: HttpRequest, user: Reader, form: Any, commit: bool = True) -> Reader:
        """Save a new reader and spend their invitation in one step: neither without the other."""
        invitation = invitations.waiting(request.session)
        if settings.SIGNUP == "invitation" and invitation is None:
            raise Conflict(_("This invitation was used already, or has ended. Ask for a new one."))
        try:
            with transaction.atomic():
                reader: Reader = super().save_user(request, user, form, commit)
                if invitation is not None:
                    invitations.use(invitation, reader)
        except IntegrityError as taken:  # between the form's look and the save, someone else was quicker
            raise Conflict(_("This name or e-mail address cannot be used. Try another one.")) from taken
        request.session.pop(invitations.SESSION_KEY, None)
        return reader

    def pre_login(self, request: HttpRequest, user: Reader, **kwargs: Any) -> HttpResponse | None:
        """Trust the address of an account that an admin or the command line made; sign-up writes its own row."""
        if not kwargs.get("signup") and not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go back to the settings after a change of password."""
        return reverse("settings")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Build the link of a reset e-mail from MINDORY_URL, never from the Host header of who asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.URL}{path.replace('UID-KEY', key)}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Build the link of a confirmation e-mail from MINDORY_URL."""
        return f"{settings.URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failed sign-ins by account, whichever of its names was typed and whatever host was named."""
        typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
        number = Reader.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).values_list("pk", flat=True)
        return f"reader:{number[0]}" if number else f"typed:{typed}"
