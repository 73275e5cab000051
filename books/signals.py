"""What happens in books, for those who must not be known here.

Sent by `send_robust` once the row is committed: what goes wrong there is theirs, and is logged by Django.
"""

from typing import Final

from django.dispatch import Signal

# A reply reached its final state. Arguments: reply_id, reader_id, state.
reply_finished: Final = Signal()
# A reader read on in a book for the first time, or came to its end. Arguments: book_id, reader_id.
book_begun: Final = Signal()
book_finished: Final = Signal()
# A highlight, note or bookmark was made, changed or deleted. Arguments: annotation_id, reader_id, is_new,
# is_gone.
annotation_changed: Final = Signal()
