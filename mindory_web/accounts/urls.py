"""Addresses of accounts. They come before allauth's, so that two of its pages give way to the settings page."""

from django.urls import path
from django.views.generic import RedirectView

from mindory_web.accounts import views

to_settings = RedirectView.as_view(pattern_name="settings")

urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/name/", views.name, name="settings-name"),
    path("settings/email/", views.email, name="settings-email"),
    path("settings/look/", views.look, name="settings-look"),
    path("settings/reading/", views.reading, name="settings-reading"),
    path("settings/talks/", views.talks, name="settings-talks"),
    path("settings/device/", views.device, name="settings-device"),
    path("settings/delete/", views.delete, name="settings-delete"),
    path("settings/sessions/end-others/", views.end_other_sessions, name="settings-end-others"),
    path("settings/sessions/<int:number>/end/", views.end_session, name="settings-end-session"),
    path("settings/keys/", views.make_key, name="settings-keys"),
    path("settings/keys/<int:number>/revoke/", views.revoke_key, name="settings-revoke-key"),
    path("settings/invitations/", views.invite, name="settings-invitations"),
    path("settings/invitations/<int:number>/withdraw/", views.withdraw_invitation, name="settings-withdraw"),
    path("setup/", views.setup, name="setup"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("language/", views.language, name="language"),
    path("account/email/", to_settings),
    path("account/sessions/", to_settings),
]
