"""What is never found in the house, and what is never committed."""

from __future__ import annotations

import ast
import re

from house_tree import ROOT, nodes, project, python, texts, tracked

# Where every exception is caught on purpose: the edges at which a bug is told and not repeated.
EDGES = {"src/excudit/engine/attempt.py", "src/excudit/web/problems.py"}
# Stand-ins whose slowness is what is tested; no test waits by them.
SLOW_ON_PURPOSE = {"tests/engine_toy.py", "tests/unit/test_http.py"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
WORDS = {"job", "task", "item", "object", "data", "manager", "handler", "util", "utils"} | {
    "helper", "helpers", "common", "base", "misc"
}  # fmt: skip
# Names that are not ours: of an organisation, of its schema or API, of a technique.
PROPER = re.compile("DataCite|PublishedData|RelatedItem|linked_data")
MARKS = ("TO" + "DO", "FIX" + "ME", "X" * 3)
REGISTRIES = re.compile(r"://[\w.-]*(pypi|pythonhosted|npmjs|debian)\.")
MACHINE = re.compile(r"(?<![\w.])/(work|farm|root|Users)/\w")


def test_no_name_explains_nothing() -> None:
    assert [str(p) for p in tracked() if p.stem in EMPTY_NAMES and "docs" not in p.parts] == []


def test_no_class_or_module_is_called_by_a_word_that_says_nothing() -> None:
    modules = [p.stem for p in python("src")]
    classes = [n.name for _, n in nodes("src") if isinstance(n, ast.ClassDef)]
    named = {name: hit for name in (*modules, *classes) if (hit := WORDS & set(_words(name)))}
    assert named == {}


def test_nothing_is_left_to_do_in_the_code() -> None:
    mark = re.compile(rf"\b({'|'.join(MARKS)})\b")
    assert [name for name, text in texts() if name.endswith(".py") and mark.search(text)] == []


def test_no_test_sleeps() -> None:
    sleeping = [
        f"{name}:{node.lineno}"
        for name, node in nodes("tests")
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep")
        or (isinstance(node, ast.ImportFrom) and node.module == "time" and _takes(node, "sleep"))
    ]
    assert [place for place in sleeping if place.split(":")[0] not in SLOW_ON_PURPOSE] == []


def test_nothing_is_patched_behind_its_back() -> None:
    mocked = [
        f"{name}:{node.lineno}"
        for name, node in nodes("tests", "src")
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest"))
        or (isinstance(node, ast.Import) and any("mock" in a.name for a in node.names))
    ]
    assert mocked == []


def test_every_exception_is_caught_at_the_edges_only() -> None:
    caught = {
        name
        for name, node in nodes("src")
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and ast.unparse(node.body[-1]) != "raise"
    }
    assert caught <= EDGES


def test_nobody_asks_which_plug_in_it_is() -> None:
    groups = project()["project"]["entry-points"].values()
    kinds = {kind for group in groups for kind in group}
    rooms = [f"src/excudit/{room}" for room in ("service", "engine", "store", "web", "app.py")]
    asked = [
        f"{name}:{node.lineno}"
        for name, node in nodes(*rooms)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and side.value in kinds
    ]
    assert asked == []


def test_no_registry_and_no_machine_is_named() -> None:
    assert [name for name, text in texts() if REGISTRIES.search(text)] == []
    assert [name for name, text in texts() if MACHINE.search(text)] == []


def test_the_licence_is_there_in_full() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def _takes(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def _words(name: str) -> list[str]:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", PROPER.sub("", name)).lower().split("_")
