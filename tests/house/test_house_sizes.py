"""The sizes of the house: a compass, of which these are the nevers."""

from __future__ import annotations

import ast
import statistics

from house_tree import ROOT, nodes, parsed, python

ROOMS = ("src", "tests", "bench", "docs")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_has_more_than_400_lines() -> None:
    sizes = {str(p.relative_to(ROOT)): p.read_text().count("\n") for p in python(*ROOMS)}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_function_has_more_than_60_lines() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": _lines(node)
        for name, node in nodes(*ROOMS)
        if isinstance(node, FUNCTIONS) and _lines(node) > 60
    }
    assert long == {}


def test_the_house_is_made_of_small_files_and_small_functions() -> None:
    files = [p.read_text().count("\n") for p in python("src")]
    functions = [_lines(n) for _, n in nodes("src") if isinstance(n, FUNCTIONS)]
    assert statistics.median(files) <= 130
    assert statistics.median(functions) <= 12


def test_everything_is_synchronous() -> None:
    asynchronous = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    found = [f"{name}:{n.lineno}" for name, n in nodes(*ROOMS) if isinstance(n, asynchronous)]
    assert found == []


def test_the_plan_of_the_house_fits_on_150_lines() -> None:
    assert (ROOT / "ARCHITECTURE.md").read_text().count("\n") <= 150


def test_every_module_of_the_house_says_what_it_is() -> None:
    silent = [
        str(p.relative_to(ROOT))
        for p in python("src")
        if p.read_text().strip()
        and not ast.get_docstring(parsed(p))
        and "migrations" not in p.parts
    ]
    assert silent == []
