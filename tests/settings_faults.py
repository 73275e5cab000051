"""Settings of the workers that fault tests start: the real ones, with vectors that a person can compute, slowly."""

from mindory_web.settings import *  # noqa: F403

EMBEDDING_ENGINE = "tests.faults.slow.SlowEmbedder"
PARSE_LIMITS = {"seconds": 30, "memory": 1024 * 1024 * 1024}
