"""Whether a record can be published: `check_record` for a record, `check_path` for a file.

The rules and their reasons stand in `excudit.metadata.rules`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata import datacite_json, datacite_xml, ro_crate, yaml_text
from excudit.metadata.rules import datasets, links, people, places, texts
from excudit.metadata.shape import Place, located
from excudit.metadata.sketch import apart_from, sketch

LARGEST = 16 * 1024 * 1024


class _Reader(NamedTuple):
    parse: Callable[[bytes], tuple[Record | None, list[Problem]]]
    tree: Callable[[bytes], Any]
    places: Callable[[bytes], dict[str, Place]]


_JSON = _Reader(datacite_json.parse, datacite_json.tree_of, datacite_json.places)
_YAML = _Reader(yaml_text.parse, yaml_text.tree_of, yaml_text.places_of)
_XML = _Reader(datacite_xml.parse, datacite_xml.tree_of, datacite_xml.places_of)
_READERS = {".json": _JSON, ".yaml": _YAML, ".yml": _YAML, ".xml": _XML}
RECORD_FILES = ("datacite.json", "datacite.yaml", "datacite.yml", "datacite.xml")
CRATE_FILE = "ro-crate-metadata.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the record, where enough of one could be read, and all problems."""

    record: Record | None
    problems: tuple[Problem, ...]
    path: Path | None = None

    @property
    def ok(self) -> bool:
        """There is a record, and nothing blocks its publication."""
        return self.record is not None and all(p.severity != "error" for p in self.problems)


def check_record(
    record: Record, *, domains: Sequence[str] = (), today: datetime.date | None = None
) -> list[Problem]:
    """All problems of a record beyond the schema, errors and warnings, in the record's order.

    `domains`: the hosts to which a repository may point its URL, as the registry writes them
    ("example.org", "*.example.org", "*"); () = not checked. `today` decides which year is next,
    default is the day in UTC. Pure, and no call leaves the machine.
    """
    day = today or datetime.datetime.now(tz=datetime.UTC).date()
    return [
        *links.judge(record, domains),
        *people.judge(record),
        *texts.judge(record),
        *places.judge(record, day),
        *datasets.judge(record),
    ]


def check_text(text: bytes, suffix: str, *, domains: Sequence[str] = ()) -> Checked:
    """Read and judge a record's text; `suffix` is that of its file (".json", ".yaml", ".xml").

    All problems come at once: where the schema is broken, the semantic rules judge the rest.
    """
    reader = _READERS[suffix]
    record, problems = reader.parse(text)
    judged, filled = (record, frozenset[str]()) if record else sketch(reader.tree(text))
    found = check_record(judged, domains=domains) if judged else []
    if found:
        found = located(apart_from(filled, found), reader.places(text))
    return Checked(record, (*problems, *found))


def check_path(path: Path, *, domains: Sequence[str] = ()) -> Checked:
    """Check a metadata file, or the one metadata file of a folder.

    Never raises for what is in the file or folder: an unreadable file is a problem too.
    """
    file, problem = metadata_file(path)
    if file is None:
        return Checked(None, (problem,) if problem else ())
    try:
        text = _read(file)
    except OSError as error:
        return Checked(None, (_unreadable(file, error.strerror or str(error)),), file)
    except ValueError as error:
        return Checked(None, (_unreadable(file, str(error)),), file)
    if file.name == CRATE_FILE:
        record, problems = ro_crate.parse(text)
        found = check_record(record, domains=domains) if record else []
        return Checked(record, (*problems, *found), file)
    checked = check_text(text, file.suffix.lower(), domains=domains)
    return Checked(checked.record, checked.problems, file)


def metadata_file(path: Path) -> tuple[Path | None, Problem | None]:
    """The metadata file at `path` or in the folder `path`, or why there is not exactly one.

    A datacite file goes before the RO-Crate metadata of the same folder.
    """
    if path.is_dir():
        found = [path / name for name in RECORD_FILES if (path / name).is_file()]
        if len(found) > 1:
            names = ", ".join(file.name for file in found)
            message = f"The folder holds several records: {names}."
            return None, Problem("", message, "Keep one of them.", rule="metadata-file")
        crate = path / CRATE_FILE
        if found or crate.is_file():
            return (found or [crate])[0], None
        message = "The folder holds no metadata file."
        mend = f"Add one of: {', '.join(RECORD_FILES)}, {CRATE_FILE}."
        return None, Problem("", message, mend, rule="metadata-file")
    if not path.exists():
        mend = "Name a metadata file or a folder with one."
        return None, Problem("", f"There is nothing at {path}.", mend, rule="metadata-file")
    if path.suffix.lower() not in _READERS:
        message = f"{path.name} is not a metadata file."
        mend = f"Name a file with one of the endings {', '.join(_READERS)}."
        return None, Problem("", message, mend, rule="metadata-file")
    if not path.is_file():
        message = f"{path.name} is not a regular file."  # a pipe would be waited for
        return None, Problem("", message, "Name a file on disk.", rule="metadata-file")
    return path, None


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 2**20} MiB")
    return text


def _unreadable(file: Path, reason: str) -> Problem:
    message = f"{file.name} cannot be read: {reason}."
    mend = f"Make it a readable file of at most {LARGEST // 2**20} MiB."
    return Problem("", message, mend, rule="metadata-file")
