"""Sentences with values in them, which a catalogue can still translate where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Sentence(str):
    """A sentence in English that remembers how it was made: `text` with a place for each value,
    `%(name)s`, and the `values`. Whoever knows nothing of it reads a plain text; stored or changed
    it is one again.

    A sentence that differs by a number is made by `counted`, several in a row by `joined`.
    """

    __slots__ = ("many", "number", "text", "values")
    text: str
    values: Mapping[str, Any]
    many: str
    number: int

    def __new__(cls, text: str, **values: Any) -> Sentence:
        made = super().__new__(cls, text % values if values else text)
        made.text, made.values, made.many, made.number = text, values, "", 0
        return made

    @classmethod
    def counted(cls, one: str, many: str, number: int, **values: Any) -> Sentence:
        """The sentence for this number: `one` for 1, else `many`; both may name `%(num)s`."""
        given = {"num": f"{number:,}", **values}
        made = cls(one if number == 1 else many, **given)
        made.text, made.many, made.number = one, many, number
        return made

    @classmethod
    def joined(cls, *sentences: str) -> Sentence:
        """Several sentences in a row, those that say nothing left out."""
        whole = (s if isinstance(s, cls) else cls(s) for s in sentences if s)
        said = {f"_{n}": s for n, s in enumerate(whole)}
        return cls(" ".join(f"%({name})s" for name in said), **said)

    @classmethod
    def listed(cls, *words: str) -> Sentence:
        """One of several, each in its own words: "Draft or Approved"."""
        said = {f"_{n}": cls(w) for n, w in enumerate(words)}
        most, last = [f"%({name})s" for name in said][:-1], f"%(_{len(words) - 1})s"
        if not most:
            return cls(last, **said)
        return Sentence(
            "%(most)s or %(last)s", most=cls(", ".join(most), **said), last=said[last[2:-2]]
        )

    def as_data(self) -> dict[str, Any]:
        """The sentence as plain JSON, to be read again by `from_data`."""
        values = {
            k: v.as_data() if isinstance(v, Sentence) else v if isinstance(v, int) else str(v)
            for k, v in self.values.items()
        }
        return {"text": self.text, "many": self.many, "number": self.number, "values": values}

    @classmethod
    def from_data(cls, data: Any) -> str:
        """What `as_data` wrote, as a sentence; a plain text stays one."""
        if not isinstance(data, Mapping):
            return str(data)
        values = {
            k: cls.from_data(v) if isinstance(v, Mapping) else v for k, v in data["values"].items()
        }
        if data["many"]:
            return cls.counted(data["text"], data["many"], data["number"], **values)
        return cls(data["text"], **values)
