"""Wake an ingest worker. The tasks are named, not imported: those who queue work need not know those who do it."""

from typing import Any, Final

from mindory_web.lib import broker

RUN_JOB: Final = "books.tasks.run_job"
NAME_TALK: Final = "books.tasks.name_talk"
THINK_OF_QUESTIONS: Final = "books.tasks.think_of_questions"


def wake(job_id: int) -> None:
    """Send word of a job. When it is lost, the reaper will send it again."""
    broker.send(RUN_JOB, [job_id])


def name_talk(reply_id: int) -> None:
    """Have the conversation of an answer named. Lost word: it keeps its first question as its title."""
    broker.send(NAME_TALK, [reply_id])


def think_of_questions(**spot: Any) -> None:
    """Have questions about a place of a book thought of. Lost word: the next look asks again."""
    broker.send(THINK_OF_QUESTIONS, named=spot)


def waiting() -> int | None:
    """Return how many messages no worker has taken yet; None when Redis does not answer."""
    return broker.waiting()
