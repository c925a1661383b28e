"""Random names, after DataCite's own scheme."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from excudit.targets.datacite.names import ALPHABET, NUMBERS, new_doi, suffix

NAME = re.compile(r"[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{2}[0-9]{2}")


def test_the_registrys_own_example_comes_out() -> None:
    assert suffix(122149076) == "3mfp-6m52"
    assert suffix(122149076, "fk2") == "fk2-3mfp-6m52"
    assert suffix(0) == "0000-0098"


@given(st.integers(0, NUMBERS - 1))
def test_every_name_can_be_read_back_and_its_check_digits_hold(number: int) -> None:
    name = suffix(number)
    assert NAME.fullmatch(name)
    digits = name.replace("-", "")
    read = 0
    for digit in digits[:6]:
        read = read * 32 + ALPHABET.index(digit)
    assert read == number
    assert (read * 100 + int(digits[6:])) % 97 == 98 % 97


def test_new_names_are_random_lower_case_and_under_the_prefix() -> None:
    names = {new_doi("10.5072", "ab") for _ in range(1000)}
    assert len(names) > 990
    assert all(re.fullmatch(rf"10\.5072/ab-{NAME.pattern}", name) for name in names)
