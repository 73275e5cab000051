"""What happens in the memory, for those who must not be known here. Sent once it is committed, by `send_robust`."""

from typing import Final

from django.dispatch import Signal

# Something new was learned from a session. Arguments: owner_id, session_key, memory_ids.
memories_learned: Final = Signal()
