"""The site's settings with vectors that cost nothing: for bench/memory_scale.py, which measures the search alone."""

from mindory_web.settings import *  # noqa: F403 (that is what it is)

EMBEDDING_ENGINE = "bench.memory_scale.Synthetic"
SEARCHES_PER_MINUTE = 1_000_000
