"""Random DOI names (DataCite's own scheme: Crockford base32 with two check digits)."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
NUMBERS = 1_073_741_823


def suffix(number: int, shoulder: str = "") -> str:
    """The suffix of a number below `NUMBERS`, e.g. 122149076 gives "3mfp-6m52"."""
    digits = "".join(ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))
    name = f"{digits}{98 - number * 100 % 97:02d}"
    return f"{shoulder + '-' if shoulder else ''}{name[:4]}-{name[4:]}"


def new_doi(prefix: str, shoulder: str = "") -> str:
    """A DOI that nobody can guess; whether it is free, only the registry can tell."""
    return f"{prefix}/{suffix(secrets.randbelow(NUMBERS), shoulder)}"
