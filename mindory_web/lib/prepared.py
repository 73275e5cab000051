"""Rows of the queries that every request makes, by SQL that is written once.

Django writes the SQL of a queryset anew each time it is used. For a wide table that takes longer than Postgres needs
to answer (measured: half of the processor's time of a search over HTTP).
"""

from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model

Kind = TypeVar("Kind", bound=Model)


class Columns(Generic[Kind]):
    """The columns of a model in a SELECT, under an alias of its table, and the instances that their values make.

    A column that is left out (`without`) is read when somebody asks for it, as with `QuerySet.defer`.
    """

    def __init__(self, model: type[Kind], alias: str, *, without: Collection[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.name not in without]
        self._model = model
        self._names = [field.attname for field in fields]
        self._converted = [(at, field) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
        self.sql = ", ".join(f'{alias}."{field.column}"' for field in fields)
        self.count = len(fields)

    def instance(self, values: Sequence[Any]) -> Kind:
        """Return the instance of these values, which stand in the order of `sql`."""
        held = list(values)
        for at, field in self._converted:
            held[at] = field.from_db_value(held[at], None, connection)
        return self._model.from_db(connection.alias, self._names, held)
