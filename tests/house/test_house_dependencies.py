"""Every import is declared, every dependency is used and has its reason, the lock is complete."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions

from house_tree import ROOT, nodes, project, python

# Runtime dependencies that no line imports, and who needs them.
SILENT = {
    "psycopg": "SQLAlchemy's and DBOS's driver for PostgreSQL",
    "python-multipart": "FastAPI, for forms",
    "uvloop": "uvicorn's event loop",
    "httptools": "uvicorn's HTTP parser",
}
# Imports that come with a declared dependency and are part of what it promises.
COMES_WITH = {
    "anyio": "starlette",
    "markupsafe": "jinja2",
    "pydantic-core": "pydantic",
    "requests": "schemathesis",
}
REASONS = ROOT / "docs" / "decisions" / "0002-dependencies.md"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared(lines: list[str]) -> set[str]:
    return {_canonical(re.split(r"[\[=;<>~ ]", line)[0]) for line in lines}


PROVIDERS = packages_distributions()
RUNTIME = _declared(project()["project"]["dependencies"])
DEV = _declared(project()["project"]["optional-dependencies"]["dev"])


def _imported(*rooms: str) -> dict[str, set[str]]:
    ours = python("tests", "bench", "docs", "messages")
    own = {"excudit", "bench", "tests"} | {n for p in ours for n in (p.stem, p.parent.name)}
    found: dict[str, set[str]] = {}
    for name, node in nodes(*rooms):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for top in {n.split(".")[0] for n in names} - own - sys.stdlib_module_names:
            found.setdefault(top, set()).add(name)
    return found


def _distributions(module: str) -> set[str]:
    names = {_canonical(d) for d in PROVIDERS.get(module, [module])}
    return names | {COMES_WITH[name] for name in names & COMES_WITH.keys()}


def test_the_house_imports_only_what_it_declares() -> None:
    undeclared = {
        module: sorted(places)
        for module, places in _imported("src").items()
        if not _distributions(module) & RUNTIME
    }
    # The contract suites are pytest classes; whoever runs them has pytest.
    assert {m: p for m, p in undeclared.items() if m != "pytest"} == {}
    assert all(p.startswith("src/excudit/testing/") for p in undeclared.get("pytest", ()))


def test_tests_and_measurements_import_only_what_is_declared() -> None:
    found = _imported("tests", "bench", "docs")
    assert {m: p for m, p in found.items() if not _distributions(m) & (RUNTIME | DEV)} == {}


def test_every_runtime_dependency_is_used() -> None:
    used = {d for module in _imported("src") for d in _distributions(module)}
    assert RUNTIME - used - set(SILENT) == set()


def test_every_dependency_is_pinned_and_has_its_reason() -> None:
    extras = project()["project"]["optional-dependencies"]["dev"]
    lines = [*project()["project"]["dependencies"], *extras]
    assert [line for line in lines if "==" not in line] == []
    given = REASONS.read_text(encoding="utf-8").lower()
    assert [name for name in sorted(RUNTIME | DEV) if f"`{name}`" not in given] == []


def test_the_lock_holds_every_dependency_with_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.MULTILINE)
    assert (RUNTIME | DEV) - {_canonical(name) for name, _ in pins} == set()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert [b.splitlines()[0] for b in blocks if "==" in b and "--hash=sha256:" not in b] == []
