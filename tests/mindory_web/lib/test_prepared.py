"""Rows by SQL that is written once are what the ORM would have made."""

import pytest
from django.db import connection

from mindory_web.accounts.models import Reader
from mindory_web.lib.prepared import Columns


def read(columns: Columns[Reader], pk: int) -> Reader:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns.sql} FROM accounts_reader one WHERE one.id = %s", [pk])
        return columns.instance(cursor.fetchone())


def test_an_instance_has_the_values_that_the_orm_would_give_it(alice: Reader) -> None:
    Reader.objects.filter(pk=alice.pk).update(reading={"size": 3}, language="zh-hans")
    expected = Reader.objects.get(pk=alice.pk)

    made = read(Columns(Reader, "one"), alice.pk)

    assert made == expected
    assert {field.attname: getattr(made, field.attname) for field in Reader._meta.concrete_fields} == {
        field.attname: getattr(expected, field.attname) for field in Reader._meta.concrete_fields
    }
    made.save()  # it knows that it is in the database already
    assert Reader.objects.filter(pk=alice.pk).count() == 1


def test_what_is_left_out_is_read_when_somebody_asks_for_it(
    alice: Reader, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    made = read(Columns(Reader, "one", without={"email"}), alice.pk)
    assert made.get_deferred_fields() == {"email"}
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert made.email == alice.email
