"""Rows by SQL that is written once are what the ORM would have made, and Postgres plans it once."""

import pytest
from django.db import ProgrammingError, connection, transaction

from mindory_web.accounts.models import Reader
from mindory_web.lib import prepared
from mindory_web.lib.prepared import Columns

NAME = "SELECT username FROM accounts_reader WHERE id = %s"


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


def name_of(pk: int) -> str | None:
    with prepared.cursor() as cursor:
        cursor.execute(NAME, [pk])
        found: tuple[str] | None = cursor.fetchone()
    return None if found is None else found[0]


def test_a_statement_is_planned_once_for_a_connection(
    alice: Reader, bob: Reader, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert [name_of(alice.pk), name_of(bob.pk), name_of(0)] == [alice.username, bob.username, None]

    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", [
            NAME.replace("%s", "$_")
        ])  # fmt: skip
        assert cursor.fetchall() == [(3,)]


def test_a_prepared_statement_is_part_of_the_transaction(alice: Reader) -> None:
    with transaction.atomic():
        Reader.objects.filter(pk=alice.pk).update(username="renamed")
        assert name_of(alice.pk) == "renamed"
        transaction.set_rollback(True)
    assert name_of(alice.pk) == alice.username


def test_what_goes_wrong_is_an_error_of_django(alice: Reader) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), prepared.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM accounts_reader", [])
    assert name_of(alice.pk) == alice.username
