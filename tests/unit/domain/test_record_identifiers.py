"""Forms and check digits of identifiers, on real ones and on ones with a slip."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excudit.domain.identifiers import (
    bare_doi,
    is_doi,
    is_ean13,
    is_funder_doi,
    is_isbn,
    is_isni,
    is_issn,
    is_orcid,
    is_registrable_doi,
    is_ror,
)

RIGHT: list[tuple[Callable[[str], bool], str]] = [
    (is_orcid, "0000-0002-1825-0097"),
    (is_orcid, "https://orcid.org/0000-0001-5109-3700"),
    (is_orcid, "0000-0002-1694-233X"),
    (is_ror, "https://ror.org/04wxnsj81"),
    (is_ror, "ror.org/03yrm5c26"),
    (is_ror, "04z8jg394"),
    (is_isni, "0000 0001 2103 2683"),
    (is_isni, "https://isni.org/isni/0000000121032683"),
    (is_issn, "0317-8471"),
    (is_issn, "1050-124X"),
    (is_isbn, "978-3-16-148410-0"),
    (is_isbn, "0-306-40615-2"),
    (is_ean13, "9783468111242"),
    (is_funder_doi, "https://doi.org/10.13039/501100000780"),
    (is_registrable_doi, "10.14454/abcd-ef12"),
    (is_doi, "10.1000/182(a)<b>"),
    (is_doi, "10.1000.10/x"),
]
WRONG: list[tuple[Callable[[str], bool], str]] = [
    (is_orcid, "0000-0002-1825-0098"),
    (is_orcid, "0000-0002-1694-233x"),
    (is_orcid, "https://orcid.org/0000-0001-5727-2427/"),
    (is_orcid, "0000000218250097"),
    (is_ror, "https://ror.org/04wxnsj82"),
    (is_ror, "https://ror.org/14wxnsj81"),
    (is_ror, "04wxnsl81"),
    (is_isni, "0000 0001 2103 2684"),
    (is_issn, "1234-5678"),
    (is_isbn, "978-3-16-148410-1"),
    (is_isbn, "9783161484"),
    (is_ean13, "9783468111243"),
    (is_funder_doi, "10.1000/182"),
    (is_funder_doi, "10.13039/"),
    (is_funder_doi, "https://doi.org/10.13039/5011 00"),
    (is_registrable_doi, "https://doi.org/10.14454/a"),
    (is_registrable_doi, "10.1/x"),
    (is_registrable_doi, "10.14454/a b"),
    (is_doi, "10.1/x"),
    (is_orcid, "٠٠٠٠-0002-1825-0097"),
]


@pytest.mark.parametrize(("judge", "text"), RIGHT)
def test_accepts_right_identifiers(judge: Callable[[str], bool], text: str) -> None:
    assert judge(text)


@pytest.mark.parametrize(("judge", "text"), WRONG)
def test_refuses_identifiers_with_a_slip(judge: Callable[[str], bool], text: str) -> None:
    assert not judge(text)


@given(st.integers(0, 15), st.integers(0, 9))
def test_an_orcid_with_one_digit_changed_is_never_right(place: int, digit: int) -> None:
    right = "0000-0001-5109-3700"
    digits = [i for i, c in enumerate(right) if c != "-"]
    changed = right[: digits[place]] + str(digit) + right[digits[place] + 1 :]
    assert is_orcid(changed) == (changed == right)


@pytest.mark.parametrize(
    "written",
    [
        "10.1/x",
        "https://doi.org/10.1/x",
        "http://dx.doi.org/10.1/x",
        "doi:10.1/x",
        "DOI.org/10.1/x",
    ],
)
def test_takes_the_address_off_a_doi(written: str) -> None:
    assert bare_doi(written) == "10.1/x"
