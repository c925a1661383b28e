"""A PDF that somebody handed in: taken only when it really is one and does nothing by itself."""

from __future__ import annotations

import io
import logging
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from excudit.domain.problem import Problem

# They run or open something when the file is opened (ISO 32000-2, 12.6.4).
ACTIVE = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"})
_MEND = "Save or export it anew, and hand in that file."
_MOST_PAGES = 5_000

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def problems(content: bytes) -> list[Problem]:
    """Why this is no PDF to publish; empty when it is. Looks at trailer, page tree and actions."""
    if not content.startswith(b"%PDF-"):
        return [Problem("", "Invalid PDF file format.", _MEND, rule="pdf.form")]
    try:
        return _looked(PdfReader(io.BytesIO(content), strict=False))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        return [_broken(error)]
    except (RecursionError, OverflowError, ZeroDivisionError, AssertionError) as error:
        return [_broken(error)]


def _broken(error: Exception) -> Problem:
    words = f"The PDF cannot be read: {str(error)[:200] or type(error).__name__}."
    return Problem("", words, _MEND, rule="pdf.form")


def _looked(reader: PdfReader) -> list[Problem]:
    if reader.is_encrypted:
        return [Problem("", "The PDF is encrypted.", "Save it without a password.", rule="pdf")]
    count = len(reader.pages)
    if not 0 < count <= _MOST_PAGES:
        return [Problem("", f"The PDF has {count} pages.", _MEND, rule="pdf.form")]
    for page in reader.pages:
        page.mediabox  # noqa: B018 -- a page that cannot be placed raises
    root: Any = reader.trailer["/Root"]
    found = [f"its {what}" for what in ("/OpenAction", "/AA") if _acts(root.get(what))]
    names = root.get("/Names")
    if names is not None and "/JavaScript" in names.get_object():
        found.append("a script of its own")
    found += [f"page {n}" for n, page in enumerate(reader.pages, 1) if _page_acts(page)]
    if not found:
        return []
    words = f"The PDF does something by itself: {', '.join(found[:5])}."
    return [Problem("", words, "Save it without scripts and actions.", rule="pdf.active")]


def _page_acts(page: Any) -> bool:
    if _acts(page.get("/AA")):
        return True
    notes = page.get("/Annots")
    every = notes.get_object() if notes is not None else ()
    return any(_acts(note.get_object().get(what)) for note in every or () for what in ("/A", "/AA"))


def _acts(action: Any, depth: int = 0) -> bool:
    """Whether an action, or one that follows it, runs or opens something."""
    if action is None or depth > 20:
        return depth > 20
    found = action.get_object() if hasattr(action, "get_object") else action
    if isinstance(found, list):
        return any(_acts(one, depth + 1) for one in found)
    if not isinstance(found, dict):
        return False
    if found.get("/S") in ACTIVE:
        return True
    inner = [found.get("/Next"), *(v for k, v in found.items() if k in _EVENTS)]
    return any(_acts(one, depth + 1) for one in inner if one is not None)


_EVENTS = frozenset({"/O", "/C", "/E", "/X", "/D", "/U", "/PO", "/PC", "/WC", "/WS", "/DS", "/WP"})
