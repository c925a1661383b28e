"""Collect all words that pages show into messages.pot, and bring the catalogues up to date.

Templates mark theirs with `_()` and `{% trans %}`. Words of Python stand in tables (module-level
names in capitals), in `Said(…)`, `Sentence(…)` and `say(…)`, and in problems and errors.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from excudit.domain.errors import KINDS
from excudit.domain.lifecycle import HEALTHS, STATES, Guard, Role

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "excudit"
LOCALE = SOURCE / "web" / "locale"
TEMPLATE = LOCALE / "messages.pot"
ROOMS = ("domain", "service", "web")
# These speak to programs, or hold values and not words.
SILENT = ("web/api", "web/public", "service/mail", "domain/vocabularies.py", "domain/edtf.py")
SPOKEN = {"Said": (0,), "say": (2,), "Sentence": (0,), "told": (3,)}
# What people read of a failure: these arguments of a problem, and the first of an error.
FAILURES = {"Problem": (1, 2), **dict.fromkeys([*KINDS, "ExcuditError"], (0,))}
SAID_BY_NAME = ("hint", "mend", "missing")
WORDS = re.compile(r"[A-Z“↑].*[a-z].*|[a-z]+ .+|[a-z]{3,}", re.DOTALL)
CODE = re.compile(r"://|\{|^/|SELECT|'self'|^[a-z]+[_.:/][a-z_.:/]+$|[a-z]_[a-z]")
PLACE = re.compile(r"%\(\w+\)s")
# Tables list states and roles by their keys, many to a text.
KEYS = {*STATES, *HEALTHS, *get_args(Role), *get_args(Guard), "same"}


def found() -> dict[str | tuple[str, str], set[str]]:
    """Every message with the files in which it stands; a pair is singular and plural."""
    told: dict[str | tuple[str, str], set[str]] = {}
    for message, place in (*_in_templates(), *_in_python()):
        told.setdefault(message, set()).add(place)
    return told


def _in_templates() -> Iterator[tuple[str | tuple[str, str], str]]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    folder = SOURCE / "web" / "templates"
    methods = [("**.html", "jinja2.ext:babel_extract")]
    for name, _, message, _, _ in extract_from_dir(folder, methods, {"**.html": options}):
        yield message, f"web/templates/{name}"


def _in_python() -> Iterator[tuple[str | tuple[str, str], str]]:
    for room in ROOMS:
        for file in sorted((SOURCE / room).rglob("*.py")):
            place = file.relative_to(SOURCE).as_posix()
            if not place.startswith(SILENT):
                tree = ast.parse(file.read_text(encoding="utf-8"))
                yield from ((words, place) for words in _spoken(tree))


def _spoken(tree: ast.Module) -> Iterator[str | tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node):
            yield from filter(_are_words, _constants(node.value))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            yield from _of_call(call)


def _of_call(call: ast.Call) -> Iterator[str | tuple[str, str]]:
    """What is said by one call; a pair is singular and plural."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    plain = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if name == "counted" and len(plain) == 2:
        yield plain[0], plain[1]
    places = (*SPOKEN.get(name, ()), *FAILURES.get(name, ()))
    for at in places:
        if at < len(call.args):
            yield from filter(_are_words, _constants(call.args[at]))
    for keyword in call.keywords if name in FAILURES else ():
        if keyword.arg in SAID_BY_NAME:
            yield from filter(_are_words, _constants(keyword.value))


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return isinstance(target, ast.Name) and target.id.isupper()


def _constants(node: ast.AST | None) -> Iterator[str]:
    """All texts below a node, but not the keys of dictionaries."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
        return
    if isinstance(node, ast.JoinedStr):
        return  # pieces of a sentence: `Sentence` is for these
    below = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node or ast.Pass())
    for one in below:
        yield from _constants(one)


def _are_words(text: str) -> bool:
    keys = " " in text and KEYS.issuperset(text.split())
    bare = PLACE.sub("X", text)
    return bool(WORDS.fullmatch(bare)) and not keys and not CODE.search(bare)


def template() -> Catalog:
    """The catalogue without translations, in the order of the words."""
    catalogue = Catalog(project="excudit", charset="utf-8")
    for message, places in sorted(found().items(), key=lambda one: str(one[0])):
        catalogue.add(message, locations=[(place, 0) for place in sorted(places)])
    return catalogue


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        bare = catalogue.locale is None
        write_po(file, catalogue, width=100, include_lineno=False, omit_header=bare)


def main() -> None:
    """Write the template; update and compile what has been translated."""
    words = template()
    _write(TEMPLATE, words)
    sys.stdout.write(f"{len(words)} messages in {TEMPLATE.relative_to(ROOT)}\n")
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/excudit.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3])
        catalogue.update(words)
        _write(path, catalogue)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        missing = sum(1 for m in catalogue if m.id and not m.string)
        sys.stdout.write(f"{path.parts[-3]}: {missing} not translated yet\n")


if __name__ == "__main__":
    main()
