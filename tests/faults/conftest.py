"""Here workers and Redis are real processes of the story: nothing stands before their queue, and nothing empties it."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_queue() -> None:
    """Send word to the queue that the workers serve."""


@pytest.fixture(autouse=True)
def empty_queue() -> None:
    """Leave the queue to the story."""
