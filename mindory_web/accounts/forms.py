"""The forms of accounts: the door, the first visit and the settings page."""

from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mindory_web.accounts import invitations
from mindory_web.accounts.models import Reader

THEMES = (("", _("As the system")), ("paper", _("Paper")), ("sepia", _("Sepia")), ("dark", _("Dark")))

SIZES = (15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28, 32)  # pixels; also in reader/preferences.js


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """Name or e-mail, password, and whether this device keeps the reader signed in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Name or e-mail")
        self.fields["login"].widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Keep me signed in on this device")
        self.fields["remember"].initial = True


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """E-mail, name and password; an invitation may be bound to one address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs = {"autocomplete": "email"}
        self.fields["username"].label = _("Name to sign in with")
        self.fields["username"].widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["password1"].widget.attrs = {"autocomplete": "new-password"}
        self.fields["password1"].help_text = _("At least 10 characters.")

    def clean_email(self) -> str:
        """Hold an invitation to the address it was made for."""
        email: str = super().clean_email()
        invitation = invitations.waiting(context.request.session)
        if invitation is not None and invitation.email and invitation.email != email:
            raise ValidationError(_("This invitation is for another e-mail address."))
        return email


class FirstAdminForm(forms.Form):
    """Who runs this library."""

    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        """Refuse a name that is taken (someone may have signed up before there was an admin)."""
        return self._free("username", _("This name is taken."))

    def clean_email(self) -> str:
        """Refuse an address that is taken."""
        return self._free("email", _("This e-mail address is taken.")).lower()

    def clean(self) -> dict[str, Any]:
        """Hold the password to the same rules as everywhere."""
        cleaned: dict[str, Any] = super().clean() or {}
        if password := cleaned.get("password"):
            reader = Reader(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
            try:
                validate_password(password, reader)
            except ValidationError as weak:
                self.add_error("password", weak)
        return cleaned

    def _free(self, field: str, sentence: Any) -> str:
        value: str = self.cleaned_data[field]
        if Reader.objects.filter(**{f"{field}__iexact": value}).exists():
            raise ValidationError(sentence)
        return value


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """The name shown beside what a reader writes."""

    class Meta:
        model = Reader
        fields: ClassVar = ["first_name"]
        labels: ClassVar = {"first_name": _("Name")}
        widgets: ClassVar = {"first_name": forms.TextInput(attrs={"autocomplete": "name"})}


class EmailForm(forms.Form):
    """A new e-mail address; the password shows that it is the reader who asks."""

    email = forms.EmailField(
        label=_("New e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_email(self) -> str:
        """Addresses are kept in lower case."""
        return str(self.cleaned_data["email"]).lower()


class LookForm(forms.Form):
    """Language and theme."""

    theme = forms.ChoiceField(label=_("Theme"), required=False, choices=THEMES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [("en", "English"), ("zh-hans", "简体中文")]  # each in its own words, for who cannot read the page
        known = dict(settings.LANGUAGES)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=[("", _("As the browser")), *((code, name) for code, name in names if code in known)],
        )
        self.order_fields(["language", "theme"])


class ReadingForm(forms.Form):
    """How the pages of books look where nothing else was chosen yet. An empty value is as the design has it."""

    mode = forms.ChoiceField(
        label=pgettext_lazy("way of reading", "Reading"),
        required=False,
        choices=[("", _("Scroll")), ("pages", pgettext_lazy("way of reading", "Pages"))],
    )
    size = forms.ChoiceField(label=_("Size"), required=False)
    latin = forms.ChoiceField(
        label=_("Typeface"),
        required=False,
        choices=[("", _("Old style")), ("modern", _("Modern")), ("sans", _("Sans"))],
    )
    cjk = forms.ChoiceField(
        label=_("Chinese typeface"),
        required=False,
        choices=[("", "宋体"), ("kai", "楷体"), ("hei", "黑体")],
    )
    lead = forms.ChoiceField(
        label=_("Lines"),
        required=False,
        choices=[
            ("close", pgettext_lazy("line spacing", "Close")),
            ("", pgettext_lazy("line spacing", "Open")),
            ("airy", _("Airy")),
        ],
    )
    measure = forms.ChoiceField(
        label=_("Column"), required=False, choices=[("narrow", _("Narrow")), ("", _("Book")), ("wide", _("Wide"))]
    )
    keys = forms.BooleanField(label=_("Single-key shortcuts"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sizes = [(str(size), _("%(size)s px") % {"size": size}) for size in SIZES]
        self.fields["size"].choices = [("", _("As the page has it")), *sizes]  # type: ignore[attr-defined]

    def likings(self) -> dict[str, str]:
        """Return what `likings.like` keeps."""
        return {**self.cleaned_data, "keys": "" if self.cleaned_data["keys"] else "off"}


class TalkForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """How conversations begin."""

    class Meta:
        model = Reader
        fields: ClassVar = ["default_scope", "is_limited"]
        labels: ClassVar = {
            "default_scope": _("What a conversation outside a book is about"),
            "is_limited": _("Only up to where I’ve read"),
        }


class LeaveForm(forms.Form):
    """The end of an account: the name typed out, and the password."""

    username = forms.CharField(
        label=_("Type your name to sign in with"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, reader: Reader | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reader = reader

    def clean_username(self) -> str:
        """Hold it to the reader's own name, capital letters aside."""
        name = str(self.cleaned_data["username"]).strip()
        if self._reader is None or name.casefold() != self._reader.username.casefold():
            raise ValidationError(_("This is not the name you sign in with."))
        return name

    def clean_password(self) -> str:
        """Hold it to the reader's password."""
        password = str(self.cleaned_data["password"])
        if self._reader is None or not self._reader.check_password(password):
            raise ValidationError(_("That password does not match. Try again."))
        return password


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("What it is for"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=(("", _("Never")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))),
    )


class InviteForm(forms.Form):
    """A new invitation."""

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("Leave it empty for a link that anyone may use, once."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
