"""Where vectors are kept. A *space* is a set of embeddings made by one model."""

from django.db import models
from django.utils import timezone
from pgvector.django import HalfVectorField


class Space(models.Model):
    """Vectors of one collection ("books", "memory") by one model. Vectors of two spaces are never compared."""

    id = models.SmallAutoField(primary_key=True)
    collection = models.CharField(max_length=32)
    model = models.CharField(max_length=200)
    dimension = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "model"], name="one_space_per_model")]

    def __str__(self) -> str:
        return f"{self.collection}: {self.model} ({self.dimension})"


class Vector(models.Model):
    """One embedding. Narrow on purpose: the row stays out of TOAST, so an exact scan of a book is fast.

    `group` is what a search is limited to (a book), `item` what is found (a passage), `part`
    which window of the item this is (an item may have several vectors).
    """

    space = models.ForeignKey(Space, on_delete=models.CASCADE)
    group = models.BigIntegerField()
    item = models.BigIntegerField()
    part = models.PositiveSmallIntegerField(default=0)
    embedding = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["space", "group", "item", "part"], name="one_vector_per_part"),
        ]

    def __str__(self) -> str:
        return f"{self.space_id}/{self.group}/{self.item}.{self.part}"
