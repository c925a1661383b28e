"""Plans for the fault tests, and what must be true of every run however it was disturbed."""

from __future__ import annotations

from collections import Counter

from engine_toy import Toy
from excudit.engine.plan import Plan
from excudit.engine.step import Step


def step(key: str, *script: str, undo: tuple[str, ...] = ("ok",), **way: str) -> Step:
    args = {"make": list(script) or ["ok"], "unmake": list(undo)}
    do = "look" if "harmless" in way else "make"
    return Step(key, key, do=do, args=args, **(way or {"undo": "unmake"}))


def published(*last: str) -> Plan:
    """Five steps with everything in it; the scripts of the steps c and d may be given."""
    c, d = (*last, "ok", "ok")[:2]
    return Plan(
        "five",
        (
            step("a"),
            step("b", harmless="it only looks"),
            step("c", c),
            step("d", d, final="for ever"),
            step("e", harmless="it only looks"),
        ),
    )


def check(toy: Toy, run: str, plan: Plan) -> None:
    """The promises of design.md §2 as far as the engine keeps them."""
    ending, entries = toy.ledger.ending(run), toy.world.entries(run)
    assert ending is not None, f"{run} has no ending"
    effects = toy.world.effects(run)
    lasting = {s.key for s in plan.steps if s.undo or s.final}
    undoable = {s.key for s in plan.steps if s.undo}
    made = Counter(e["step"] for e in entries if e["what"] == "made")
    assert all(n == 1 for n in made.values()), f"{run}: an effect was made twice: {made}"
    finals = [i for i, e in enumerate(entries) if e["what"] == "make" and _final(plan, e["step"])]
    if finals:
        late = [e for e in entries[finals[0] :] if e["what"] == "unmake"]
        assert not late, f"{run}: taken back after the point of no return"
        assert ending.after_final
    match ending.kind:
        case "done":
            assert effects == lasting
        case "undone" | "stopped":
            assert effects <= set(ending.cleanup)
            assert set(ending.cleanup) <= undoable
        case "parked":
            assert ending.error
            assert ending.after_final == bool(finals)
        case _:
            raise AssertionError(f"{run} ended {ending}")


def _final(plan: Plan, key: str) -> bool:
    return any(s.key == key and s.final for s in plan.steps)


def repeated(toy: Toy, run: str) -> dict[tuple[str, str, int], int]:
    """The attempts whose action was called more than once, and how often."""
    calls = Counter(
        (e["what"], e["step"], e["attempt"]) for e in toy.world.entries(run) if "attempt" in e
    )
    return {call: n for call, n in calls.items() if n > 1}
