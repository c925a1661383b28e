"""Markup that the registry leaves in a subject."""

from __future__ import annotations

import re

ALLOWED = ("strong", "em", "b", "i", "code", "pre", "sub", "sup", "br")
_TAG = re.compile(rf"</?(?!(?:{'|'.join(ALLOWED)})\b)[a-zA-Z!][^<>]*>")


def strip(text: str) -> str:
    """`text` without tags other than the allowed ones; what stands between them stays."""
    return _TAG.sub("", text).strip()
