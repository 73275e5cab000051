"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from mindory_web import health, installing, metrics, operations
from mindory_web.source import source

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.live, name="health"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/", include("mindory_web.api")),
    path("admin/login/", operations.sign_in),
    path("admin/engines/", admin.site.admin_view(operations.engine_test), name="engine-test"),
    path("admin/act/<int:pk>/<slug:verb>/", admin.site.admin_view(operations.act_on_book), name="act-on-book"),
    path("admin/", admin.site.urls),
    path("", include("mindory_web.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("source", source, name="source"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("service-worker.js", installing.service_worker, name="service-worker"),
    path("offline", installing.offline, name="offline"),
    path("", include("memory.urls")),
    path("", include("books.urls")),
]

handler400 = "mindory_web.lib.http.bad_request"
handler403 = "mindory_web.lib.http.forbidden"
handler404 = "mindory_web.lib.http.not_found"
handler429 = "mindory_web.lib.http.too_many"
handler500 = "mindory_web.lib.http.broken"
