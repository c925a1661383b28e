"""README texts and sizes, as readers see them."""

from __future__ import annotations

import pytest

from excudit.sources.folder.prefill import size
from excudit.sources.folder.readme import LONGEST, first_words, heading


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Plain\n", "Plain"),
        ("\n\n# Closed ##\ntext", "Closed"),
        ("Underlined\n=====\n", "Underlined"),
        ("# A [link](https://example.org) and `code`", "A link and code"),
        ("<!-- # not this -->\n# this", "this"),
        ("```\n# a comment in code\n```\n# Real", "Real"),
        ("## Only a second level\n", ""),
        ("#no space", ""),
        ("no heading", ""),
        ("", ""),
        ("\n", ""),
    ],
)
def test_the_first_heading_is_found(text: str, title: str) -> None:
    assert heading(text) == title


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# T\n\nOne\ntwo.\n\nThree.\n\n## Next\n\nNot this.", "One two.\n\nThree."),
        ("# T\nDirectly below.\n", "Directly below."),
        ("T\n===\nDirectly below.\n", "Directly below."),
        ("Without a heading.\r\n\r\nMore.", "Without a heading.\n\nMore."),
        ("# T\n\n![badge](b.svg)\n\nText.\n\n- list\n\n| a |\n|---|\n", "Text."),
        ("# T\n\n```\ncode\n```\n", ""),
        ("", ""),
    ],
)
def test_the_first_words_are_the_prose_below_the_heading(text: str, words: str) -> None:
    assert first_words(text) == words


def test_long_texts_are_cut_between_words() -> None:
    words = first_words("word " * 5000)
    assert len(words) <= LONGEST + 2
    assert words.endswith("word …")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4 * 1024**3, "4.3 GB"),
        (10**19, "10000.0 PB"),
    ],
)
def test_sizes_are_in_decimal_units(count: int, text: str) -> None:
    assert size(count) == text
