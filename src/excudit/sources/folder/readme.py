"""What a README says about its dataset: the title and the first words."""

from __future__ import annotations

import re
from itertools import zip_longest

README_NAMES = ("README.md", "README.txt", "README", "readme.md", "readme.txt")
LONGEST = 4000

_HEADING = re.compile(r"^#\s+(.+?)(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKS = re.compile(r"(\*\*|__|`)")


def heading(text: str) -> str:
    """The first heading of the first level in Markdown, without its marks; "" without one."""
    lines = _COMMENT.sub("", text).splitlines()
    fenced = False
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        fenced ^= line.lstrip().startswith("```")
        if fenced:
            continue
        if match := _HEADING.match(line):
            return _plain(match[1])
        if line.strip() and following.startswith("=") and _UNDERLINE.match(following):
            return _plain(line)
    return ""


def first_words(text: str) -> str:
    """The paragraphs before the second heading, as plain text; "" where there are none.

    At most `LONGEST` characters, cut between words. Lists, tables, code and pictures are left out.
    """
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", _COMMENT.sub("", text).replace("\r\n", "\n")):
        lines = [line.strip() for line in block.strip().splitlines()]
        headed = any(map(_UNDERLINE.match, lines[1:2])) or block.lstrip().startswith("#")
        if headed and paragraphs:
            break
        if headed:
            lines = lines[2:] if any(map(_UNDERLINE.match, lines[1:2])) else lines[1:]
        if lines and not lines[0].startswith(("```", "|", "- ", "* ", "1.", ">", "<", "---")):
            paragraphs.append(_plain(" ".join(lines)))
    words = "\n\n".join(filter(None, paragraphs))
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit(None, 1)[0] + " …"


def _plain(text: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text))).strip()
