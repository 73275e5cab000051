"""Bytes of a text file -> characters, decided on the whole file.

A byte order mark decides; then strict UTF-8; then what the bytes look like in each encoding, counted over the
whole file. A guess from the first bytes, or an encoding that drops what it cannot read, would lose names for ever.
"""

from books.formats.decoding.deciding import Candidate, Decoded, candidates, decoded, looks_like_text
from books.formats.decoding.names import BYTE_ORDER_MARKS, ENCODINGS, known, said_in

__all__ = [
    "BYTE_ORDER_MARKS",
    "ENCODINGS",
    "Candidate",
    "Decoded",
    "candidates",
    "decoded",
    "known",
    "looks_like_text",
    "said_in",
]
