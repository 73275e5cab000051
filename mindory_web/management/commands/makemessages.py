"""`manage.py makemessages`: also find the sentences of our errors, plain strings where Django is not known."""

from django.core.management.commands import makemessages

ERRORS = (
    "UnknownFormat",
    "DamagedBook",
    "LockedBook",
    "NeedsPassword",
    "BadEncoding",
    "EmptyBook",
    "ScannedBook",
    "TooDemanding",
    "OutOfMemory",
    "BookError",
    "ParserDied",
    "BadPicture",
)


class Command(makemessages.Command):
    """Django's command, with the first argument of our errors as a message."""

    xgettext_options = [*makemessages.Command.xgettext_options, *(f"--keyword={name}" for name in ERRORS)]
