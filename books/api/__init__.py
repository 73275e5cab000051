"""The operations of `/api/v1/`: thin doors to the same verbs that the pages use."""

from ninja import Router

from books.api.shelf import router as shelf
from books.api.talks import router as talks

router = Router()
router.add_router("", shelf)
router.add_router("", talks)
