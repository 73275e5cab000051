"""What goes with a reader who leaves, and does not go with their row: vectors."""

from typing import Any

from mindory_web.accounts.models import Reader
from mindory_web.engines.vectors import VectorStoreFactory


def forget(*, reader: Reader, **_signal: Any) -> None:
    """Delete the vectors of a reader's memory, in every space."""
    VectorStoreFactory.forget("memory", reader.pk)
