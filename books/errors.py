"""What can go wrong with a book or a conversation.

MindoryError
    BookError
        UnknownFormat      the reader chose a file we cannot read
        DamagedBook        right format, broken contents
        LockedBook         DRM or password
            NeedsPassword  a password would open it
        BadEncoding        the reader chose an encoding that we do not have
        EmptyBook          readable, but there is no text in it
            ScannedBook    its pages are pictures, and nothing here reads them
        TooDemanding       its parser went over its limits
        BadPicture         a picture that cannot be shown
    ParserDied             a parser's process ended without an answer
    EmptyFile              nothing was uploaded
    BookTooLarge           over the upload limit
    ServerFull             no room on the disk
    WrongOffset            a piece of an upload that does not follow what is here
    WrongChecksum          a piece of an upload that changed on its way
    BadUpload              headers of an upload that say nothing
    BookNotReady           asked before its words are indexed
    ScopeGone              what a conversation is about is not there any more
    BadQuestion            empty, or too long
"""

from mindory_web.lib.errors import Conflict, Invalid, MindoryError, TooLarge, Unavailable


class BookError(Invalid):
    """A file that cannot become a book. Trying again with the same bytes gives the same answer."""

    code = "book_error"


class UnknownFormat(BookError):
    """None of our formats recognises the file."""

    code = "unknown_format"


class DamagedBook(BookError):
    """The format is right, the contents are broken, and nothing readable could be saved."""

    code = "damaged_book"


class LockedBook(BookError):
    """DRM or a password."""

    code = "locked_book"


class NeedsPassword(LockedBook):
    """A file that its reader can open by giving its password; also a wrong password."""

    code = "needs_password"


class BadEncoding(BookError):
    """A text file is to be read in an encoding that we do not have."""

    code = "bad_encoding"


class EmptyBook(BookError):
    """No text inside (for instance scanned pages)."""

    code = "empty_book"


class ScannedBook(EmptyBook):
    """Pages that are pictures, on a server without text recognition."""

    code = "scanned_book"


class TooDemanding(BookError):
    """Parsing went over its limit of time, memory or size."""

    code = "too_demanding"


class BadPicture(BookError):
    """A reader's own picture that cannot be read, or is too large."""

    code = "bad_picture"


class ParserDied(MindoryError):
    """The parser's process was killed or crashed; the runner tries again, three times in all."""

    code = "parser_died"
    status = 500


class EmptyFile(Invalid):
    """An upload of zero bytes."""

    code = "empty_file"


class BookTooLarge(TooLarge):
    """An upload over the limit."""

    code = "book_too_large"


class ServerFull(Unavailable):
    """The disk does not take the file."""

    code = "server_full"


class WrongOffset(Conflict):
    """A piece of an upload begins elsewhere than what is here ends; `offset` is in the details."""

    code = "wrong_offset"


class WrongChecksum(MindoryError):
    """A piece of an upload is not what its sender sent; nothing of it is kept."""

    code = "wrong_checksum"
    status = 460  # the protocol's own


class BadUpload(Invalid):
    """A request about an upload whose headers cannot be understood."""

    code = "bad_upload"
    status = 400


class BookNotReady(Conflict):
    """The book cannot be read or asked yet."""

    code = "book_not_ready"


class ScopeGone(Conflict):
    """What a conversation is about was deleted, or is empty."""

    code = "scope_gone"


class BadQuestion(Invalid):
    """A question that is empty or too long."""

    code = "bad_question"
