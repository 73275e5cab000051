"""Every address of the site."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from mindory_web.source import source

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("source", source, name="source"),
]

socket_urlpatterns: list[Any] = []
