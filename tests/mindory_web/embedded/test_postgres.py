"""The embedded Postgres where its start could go wrong."""

import os
from pathlib import Path

import pytest

from mindory_web.embedded import places, postgres
from mindory_web.embedded.processes import StartFailed


def cluster(data: Path, *, version: str = postgres.MAJOR) -> Path:
    (data / "postgres").mkdir()
    (data / "postgres" / "PG_VERSION").write_text(f"{version}\n")
    return data / "postgres"


def test_a_lock_whose_number_a_stranger_was_given_is_removed(scratch: Path) -> None:
    lock = cluster(scratch) / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{scratch}\n")
    postgres.prepare(scratch)
    assert not lock.exists()


def test_a_cluster_of_another_major_version_is_refused(scratch: Path) -> None:
    cluster(scratch, version="17")
    with pytest.raises(StartFailed, match="was made by Postgres 17, and this Mindory brings 18: restore a backup"):
        postgres.prepare(scratch)


def test_nobody_listening_is_not_ready(scratch: Path) -> None:
    assert not postgres.accepts(places.postgres_socket_dir(scratch))


def test_a_long_path_gets_a_short_place_for_its_sockets(scratch: Path) -> None:
    deep = scratch / ("very-" * 30)
    assert len(str(places.postgres_socket_dir(deep) / ".s.PGSQL.5432")) < places.LONGEST_SOCKET_PATH
    assert places.run_dir(deep) == places.run_dir(deep)
    assert places.run_dir(deep) != places.run_dir(deep / "other")
