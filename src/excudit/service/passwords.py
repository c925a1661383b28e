"""Passwords of local accounts: Argon2id with the parameters that the library recommends."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from excudit.domain.errors import Rejected

SHORTEST = 12
LONGEST = 1000
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """What may be stored of a password (PHC format). Raises Rejected for a too short one.

    Length is all that is asked for: rules of composition make passwords worse (NIST SP 800-63B).
    """
    if not SHORTEST <= len(password) <= LONGEST:
        words = (
            f"A password has {SHORTEST} to {LONGEST:,} characters; this one has {len(password)}."
        )
        mend = "Take a few words that do not belong together, or let a password manager choose."
        raise Rejected(words, hint=mend)
    return _HASHER.hash(_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password; as slow without a stored hash as with one."""
    try:
        nobody = _nobody()
        right = _HASHER.verify(stored or nobody, _bytes(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether the parameters have grown since it was stored."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _HASHER.hash("the password of nobody")


def _bytes(password: str) -> bytes:
    # A browser may send anything; half a surrogate pair is no UTF-8.
    return password.encode("utf-8", "surrogatepass")
