"""Addresses of the memory page."""

from django.urls import path

from memory import views

urlpatterns = [
    path("memory/", views.page, name="memory"),
    path("memory/list", views.body, name="memory-list"),
    path("memory/kinds", views.kinds, name="memory-kinds"),
    path("memory/<int:pk>/", views.fact, name="memory-fact"),
    path("memory/<int:pk>/place", views.place, name="memory-place"),
    path("memory/<int:pk>/history", views.history, name="memory-history"),
]
