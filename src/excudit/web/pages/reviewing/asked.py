"""What forms of this room say: texts that can be kept, or a sentence why not."""

from __future__ import annotations

from starlette.datastructures import FormData

from excudit.domain.storable import UNSTORABLE

LONGEST = 10_000


def text(form: FormData, name: str) -> str:
    """A field as typed, with one kind of line end; "" for none and for a file."""
    value = form.get(name)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def wrong(said: str, *, required: str = "", longest: int = LONGEST) -> str:
    """What is wrong with a text, "" = nothing; `required` is what to say when there is none."""
    if required and not said.strip():
        return required
    if len(said) > longest:
        return f"The text has {len(said):,} characters; {longest:,} are the most. Shorten it."
    if UNSTORABLE.search(said):
        return "The text holds a NUL character or half a surrogate pair. Remove it."
    return ""


def cleaned(said: str, longest: int = 200) -> str:
    """A short text of an address; what no database keeps is cut out."""
    return UNSTORABLE.sub("", said)[:longest]
