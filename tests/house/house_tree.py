"""The tracked files of the project, parsed once, for the tests of the house rules."""

from __future__ import annotations

import ast
import functools
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every tracked file that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return tuple(p for name in listed.stdout.split("\0") if name and (p := ROOT / name).is_file())


def python(*rooms: str) -> list[Path]:
    """The tracked Python files below the rooms ("src", "tests/house")."""
    tops = [ROOT / room for room in rooms]
    return [p for p in tracked() if p.suffix == ".py" and any(t in p.parents for t in tops)]


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(*rooms: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of every Python file below the rooms, with the name of its file."""
    for path in python(*rooms):
        for node in _walked(path):
            yield str(path.relative_to(ROOT)), node


@functools.cache
def _walked(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(parsed(path)))


def texts() -> Iterator[tuple[str, str]]:
    """Every tracked text of less than a megabyte, with its name."""
    for path in tracked():
        if path.stat().st_size < 1_000_000:
            try:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@functools.cache
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
