"""Every address of the site."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
]

socket_urlpatterns: list[Any] = []
