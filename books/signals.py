"""What happens in books, for those who must not be known here."""

from typing import Final

from django.dispatch import Signal

# A reply reached its final state. Arguments: reply_id, reader_id, state. Sent after the row is committed.
reply_finished: Final = Signal()
