"""Readers, the keys they give to programs, invitations, and the record of what admins did."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Reader(AbstractUser):
    """Someone with an account. Admins are `is_staff and is_superuser`; everybody else is a reader."""

    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    default_scope = models.CharField(  # of a conversation begun outside a book
        _("what is asked"),
        max_length=12,
        choices=[("library", _("The whole library")), ("reading", _("The books being read"))],
        default="library",
    )
    is_limited = models.BooleanField(_("only up to where I’ve read"), default=False)  # of new conversations
    reading = models.JSONField(default=dict, blank=True)  # how the reader likes pages: size, font, theme ...

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")
        constraints = [  # Ada and ada sign in as one
            models.UniqueConstraint(Lower("username"), name="one_reader_per_name"),
            models.UniqueConstraint(Lower("email"), name="one_reader_per_email"),
        ]

    @property
    def is_admin(self) -> bool:
        """Say whether this reader may use the admin panel."""
        return self.is_active and self.is_staff and self.is_superuser


class ApiKey(models.Model):
    """A bearer key. Only an HMAC of it is kept; the key itself is shown once."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Invitation(models.Model):
    """A link that lets one person sign up. Only an HMAC of its token is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    made_by = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="invitations")
    used_by = models.OneToOneField(Reader, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email or f"#{self.pk}"


class SetupLink(models.Model):
    """A one-time link that makes the first admin, while there is none. Only an HMAC of its token is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("set-up link")
        verbose_name_plural = _("set-up links")

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"


class Deed(models.Model):
    """One thing an admin did: append-only."""

    actor = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="deeds")
    action = models.CharField(_("action"), max_length=64)
    subject = models.CharField(_("subject"), max_length=200)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
