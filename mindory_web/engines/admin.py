"""Spaces of vectors, for admins."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from mindory_web.engines.models import Space, Vector
from mindory_web.lib.panel import Panel, display, moment


@admin.register(Space)
class SpacePanel(Panel):
    """Sets of embeddings: one a collection and model."""

    list_display = ("collection", "model", "dimension", "vectors", moment("created_at", gettext_lazy("made")))
    ordering = ("collection", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Space]:
        """Count the vectors of every space in the same query."""
        rows = Vector.objects.filter(space=OuterRef("pk")).order_by().values("space").annotate(n=Count("pk"))
        total = Coalesce(Subquery(rows.values("n")), 0, output_field=IntegerField())
        spaces: QuerySet[Any] = super().get_queryset(request).annotate(vector_total=total)
        return spaces

    @display(description=gettext_lazy("vectors"), ordering="vector_total")
    def vectors(self, space: Any) -> int:
        """Show how many vectors it holds."""
        return int(space.vector_total)
