"""Real Postgres and Redis for the tests: embedded, in a scratch directory, unless the environment names others."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from mindory_web.embedded import places, postgres, redis
from mindory_web.embedded.processes import Child


def start() -> None:
    """Start what the environment does not name, and say where it is. xdist workers inherit the environment."""
    os.environ.setdefault("MINDORY_SECRET_KEY", "a secret for tests only, longer than 32 characters")
    os.environ["MINDORY_DB_POOL"] = "0"  # test databases are dropped: nothing may keep a connection
    os.environ.setdefault("MINDORY_LOG_LEVEL", "WARNING")
    if "DATABASE_URL" in os.environ:
        return
    data = Path(tempfile.mkdtemp(prefix="mindory-tests-"))
    os.environ["MINDORY_DATA"] = str(data)
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    (data / "static").mkdir()  # whitenoise warns when there is none
    postgres.prepare(data)
    for program in (postgres.program(data), redis.program(data)):
        child = Child(program)
        atexit.register(child.stop)
        child.wait_ready(120)
    os.environ["DATABASE_URL"] = places.postgres_url(data)
    os.environ["REDIS_URL"] = places.redis_url(data)
