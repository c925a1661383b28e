"""The forms and check digits of the identifiers that a record may carry.

Every function takes the text as written, with or without the resolver's address where people
write one, and says whether it is right.
"""

from __future__ import annotations

import re
from operator import mul

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.ASCII)
_ISNI = re.compile(r"(?:https?://(?:www\.)?isni\.org/(?:isni/)?)?([\d -]{15,18}[\dX])", re.ASCII)
_ROR = re.compile(r"(?:https?://)?(?:ror\.org/)?(0[0-9a-hjkmnp-tv-z]{6}\d{2})", re.ASCII)
_ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]", re.ASCII)
_ISBN_10 = re.compile(r"\d{9}[\dXx]", re.ASCII)
_EAN13 = re.compile(r"\d{13}", re.ASCII)
_REGISTRABLE_DOI = re.compile(r"10\.\d{4,5}/[-._;()/:a-zA-Z0-9*~$=]+", re.ASCII)
_ANY_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+", re.ASCII)
_DOI_ADDRESS = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:", re.IGNORECASE)
# Crockford's base 32 in the digits that int() knows.
_CROCKFORD = str.maketrans("abcdefghjkmnpqrstvwxyz", "abcdefghijklmnopqrstuv")
_WEIGHTS_11_2 = tuple(2 ** (15 - i) for i in range(15))
_ZEROS_11_2 = ord("0") * sum(_WEIGHTS_11_2)


def is_orcid(text: str) -> bool:
    """An ORCID iD: four groups of four, ISO 7064 MOD 11-2."""
    found = _ORCID.fullmatch(text)
    return found is not None and _mod_11_2(found[1].replace("-", ""))


def is_isni(text: str) -> bool:
    """An ISNI: 16 digits, grouped or not, ISO 7064 MOD 11-2."""
    found = _ISNI.fullmatch(text)
    digits = found[1].replace(" ", "").replace("-", "") if found else ""
    return len(digits) == 16 and _mod_11_2(digits)


def is_ror(text: str) -> bool:
    """A ROR id: Crockford base 32 with two check digits, ISO 7064 MOD 97-10."""
    found = _ROR.fullmatch(text)
    if not found:
        return False
    number = int(found[1][:7].translate(_CROCKFORD), 32)
    return 98 - (number * 100) % 97 == int(found[1][7:])


def is_issn(text: str) -> bool:
    """An ISSN (also EISSN, LISSN), MOD 11."""
    if not _ISSN.fullmatch(text):
        return False
    return _mod_11(text.replace("-", ""))


def is_isbn(text: str) -> bool:
    """An ISBN of 13 digits (MOD 10) or of 10 (MOD 11), hyphens and spaces allowed."""
    digits = text.removeprefix("ISBN").lstrip(": ").replace("-", "").replace(" ", "")
    if _ISBN_10.fullmatch(digits):
        return _mod_11(digits)
    return digits.startswith(("978", "979")) and is_ean13(digits)


def is_ean13(text: str) -> bool:
    """An EAN-13 (GTIN-13), MOD 10."""
    digits = text.replace("-", "").replace(" ", "")
    if not _EAN13.fullmatch(digits):
        return False
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


def is_funder_doi(text: str) -> bool:
    """A Crossref Funder ID: a DOI under 10.13039."""
    bare = bare_doi(text)
    return bare.startswith("10.13039/") and is_doi(bare)


def is_registrable_doi(text: str) -> bool:
    """A bare DOI that DataCite's registry accepts on create."""
    return bool(_REGISTRABLE_DOI.fullmatch(text))


def is_doi(text: str) -> bool:
    """A bare DOI of any agency."""
    return bool(_ANY_DOI.fullmatch(text))


def bare_doi(text: str) -> str:
    """`text` without a resolver's address or "doi:" in front."""
    found = _DOI_ADDRESS.match(text)
    return text[found.end() :] if found else text


def _mod_11_2(digits: str) -> bool:
    # The standard's running (total + digit) * 2 over 15 digits, as one weighted sum.
    total = sum(map(mul, digits[:-1].encode(), _WEIGHTS_11_2)) - _ZEROS_11_2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _mod_11(digits: str) -> bool:
    total = sum(
        int(d) * weight for d, weight in zip(digits, range(len(digits), 1, -1), strict=False)
    )
    return digits[-1].upper() == "0123456789X"[-total % 11]
