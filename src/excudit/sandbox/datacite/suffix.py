"""Random suffixes: Crockford base32 with two check digits, as DataCite makes them."""

from __future__ import annotations

import random

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LIMIT = 1_073_741_823


def encode(number: int) -> str:
    """The suffix of `number`, e.g. 122149076 gives "3mfp-6m52"."""
    digits = ""
    rest = number
    while rest:
        rest, digit = divmod(rest, 32)
        digits = ALPHABET[digit] + digits
    text = digits.rjust(6, "0") + f"{98 - (number * 100) % 97:02d}"
    return f"{text[:-4]}-{text[-4:]}"


def random_doi(prefix: str, number: int | None = None) -> str:
    """A DOI under `prefix`, which may carry a shoulder after a slash. It is not reserved."""
    suffix = encode(random.randrange(LIMIT) if number is None else number)
    head, _, shoulder = prefix.strip("/").partition("/")
    return f"{head}/{shoulder}-{suffix}" if shoulder else f"{head}/{suffix}"
