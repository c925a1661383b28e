"""The plans of a route, composed from its source and targets. Step keys are never renamed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from excudit.domain.words import NONE, VOCABULARIES
from excudit.engine.plan import Plan
from excudit.engine.step import Gate, Step
from excudit.ports import Adopting, Asking, Concluding, Filling, Handing, Showing, Source, Target
from excudit.service.parts import Parts
from excudit.settings import Route

Called = Callable[[str], str]
NOTIFY = "notify"
NOTHING_OUTSIDE = "it changes nothing outside excudit, and repeating it is harmless"


def _custody(source: Source, when: str, called: Called) -> tuple[Step, ...]:
    if source.custody != when:
        return ()
    title = f"Take custody at {called(source.name)}"
    return (Step("claim", title, do="claim", undo="release"),)


def take_in(parts: Parts, route: Route) -> Plan:
    """At submission: freeze, and check against all targets before a person looks."""
    source = parts.source(route.source)
    names = " and ".join(map(parts.settings.target_title, route.targets))
    return Plan(
        "take-in",
        (
            *_custody(source, "submit", parts.settings.source_title),
            Step("freeze", "Freeze metadata and files", do="freeze", harmless=NOTHING_OUTSIDE),
            *_look(source),
            Step("check", f"Check everything for {names}", do="check", harmless=NOTHING_OUTSIDE),
        ),
    )


def _look(source: Source) -> tuple[Step, ...]:
    if not isinstance(source, Showing):
        return ()
    title = "Prepare plots and figures of the data"
    return (Step("look", title, do="look", harmless=NOTHING_OUTSIDE),)


def publish(parts: Parts, route: Route) -> Plan:
    """At approval: all drafts and checks on all targets, then what cannot be taken back."""
    source = parts.source(route.source)
    called = parts.settings.target_title
    targets = [(name, parts.target(name)) for name in route.targets]
    # The identifier becomes findable last.
    ordered = sorted(targets, key=lambda t: t[1].capabilities.kind == "registry")
    return Plan(
        "publish",
        (
            *_custody(source, "publish", parts.settings.source_title),
            Step(
                "compare",
                "Compare with what was approved",
                do="compare",
                harmless=NOTHING_OUTSIDE,
            ),
            *(_reserve(n, called) for n, _ in targets),
            *(_files(source, n, t) for n, t in targets if t.capabilities.files),
            *(_fill(n, called) for n, t in targets if isinstance(t, Filling)),
            *_quality(route),
            *_made_public(ordered, called),
            *(_confirm(n, called) for n, _ in ordered),
            *(_conclude(n, called) for n, t in ordered if isinstance(t, Concluding)),
            *_report(source, parts.settings.source_title),
            *_released(source, [t for _, t in targets], parts.settings.source_title),
            *_notify(route),
        ),
    )


def _notify(route: Route) -> tuple[Step, ...]:
    """Everywhere else the mail goes out with the end of the run, which nobody counts as a step."""
    if NOTIFY not in VOCABULARIES.get(route.words, NONE).steps:
        return ()
    untold = "a mail that is in the outbox already is not written again"
    return (Step(NOTIFY, "Send mail", do=NOTIFY, harmless=untold),)


def _released(source: Source, targets: Sequence[Target], called: Called) -> tuple[Step, ...]:
    """Custody ends with the publication, unless a target has taken the folder over."""
    taken_over = isinstance(source, Handing) and any(isinstance(t, Adopting) for t in targets)
    return () if taken_over or not source.custody else (_release(source, called),)


def _release(source: Source, called: Called) -> Step:
    return Step(
        "release",
        f"Give back at {called(source.name)}",
        do="release",
        final="what was given back is its owner's again",
    )


def give_back(parts: Parts, route: Route) -> Plan:
    """After a return, a rejection or a cancellation: what was taken into custody at submission."""
    steps = (_release(parts.source(route.source), parts.settings.source_title),)
    return _in_words(Plan("give-back", steps), route)


def _quality(route: Route) -> tuple[Step | Gate, ...]:
    if route.quality is None:
        return ()
    title = route.quality.title
    return (
        Step(
            "ask.quality",
            f"Ask {title}",
            do="ask_quality",
            harmless="the same question twice is one, and nothing is published by it",
        ),
        Gate("quality", title),
    )


def _made_public(
    ordered: Sequence[tuple[str, Target]], called: Called, *, page: bool = True
) -> tuple[Step | Gate, ...]:
    """Each target in turn, with what people there decide. The page opens when nobody needs to be
    waited for before something is public."""
    steps: list[Step | Gate] = []
    for number, (name, target) in enumerate(ordered):
        gate = _gate(name, target, called)
        before = isinstance(target, Asking) and target.asks_before
        steps += gate if before else ()
        if page and not number:
            steps.append(Step("page", "Open the landing page", do="open_page", undo="close_page"))
        steps.append(_publish(name, target, called, last=page and name == ordered[-1][0]))
        steps += () if before else gate
    return tuple(steps)


def _gate(name: str, target: Target, called: Called) -> tuple[Gate, ...]:
    if not isinstance(target, Asking):
        return ()
    return (Gate(f"answer.{name}", target.question or f"Answer of {called(name)}"),)


def follow_up(parts: Parts, route: Route, name: str) -> Plan:
    """After publication, for one target that holds nothing back."""
    source, target = parts.source(route.source), parts.target(name)
    called = parts.settings.target_title
    steps = (
        _reserve(name, called),
        *((_copied(name),) if target.capabilities.files else ()),
        *((_fill(name, called),) if isinstance(target, Filling) else ()),
        *_made_public(((name, target),), called, page=False),
        _confirm(name, called),
        *_report(source, parts.settings.source_title),
    )
    return _in_words(Plan("follow-up", steps), route)


def _report(source: Source, called: Called) -> tuple[Step, ...]:
    if not source.reports:
        return ()
    return (
        Step(
            "report",
            f"Report back to {called(source.name)}",
            do="report",
            harmless="telling the source again changes nothing",
        ),
    )


def _reserve(target: str, called: Called) -> Step:
    return Step(
        f"reserve.{target}",
        f"Open a draft at {called(target)}",
        do="reserve",
        undo="discard",
        args={"target": target},
        target=target,
    )


def _fill(name: str, called: Called) -> Step:
    return Step(
        f"fill.{name}",
        f"Complete the draft at {called(name)}",
        do="fill",
        undone_by=f"reserve.{name}",
        args={"target": name},
        target=name,
    )


def _files(source: Source, name: str, target: Target) -> Step:
    copied = _copied(name)
    if source.custody and isinstance(source, Handing) and isinstance(target, Adopting):
        return replace(copied, title="Move the folder and verify files", do="adopt")
    return copied


def _copied(name: str) -> Step:
    return Step(
        f"files.{name}",
        "Copy and verify files",
        do="files",
        undone_by=f"reserve.{name}",
        args={"target": name},
        target=name,
    )


def _publish(name: str, target: Target, called: Called, *, last: bool) -> Step:
    return Step(
        f"publish.{name}",
        f"Publish at {called(name)}",
        do="publish",
        final=target.capabilities.final,
        # With the last one the publication is published, whatever comes.
        args={"target": name, "settles": last},
        target=name,
    )


def _confirm(target: str, called: Called) -> Step:
    return Step(
        f"confirm.{target}",
        f"Look at {called(target)} as a stranger",
        do="confirm",
        harmless="looking changes nothing",
        args={"target": target},
        target=target,
    )


def _conclude(target: str, called: Called) -> Step:
    return Step(
        f"conclude.{target}",
        f"Tell {called(target)} that it is registered",
        do="conclude",
        final="what everybody was told cannot be unsaid",
        args={"target": target},
        target=target,
    )


def amend(parts: Parts, route: Route) -> Plan:
    """New metadata for what is public already; goes forward only."""
    called = parts.settings.target_title
    return Plan(
        "amend",
        tuple(
            step
            for name, more in _everywhere(route)
            for step in (
                Step(
                    f"amend.{name}",
                    f"Amend at {called(name)}",
                    do="amend",
                    final="what the public has read cannot be unread",
                    args={"target": name, **more},
                    target=name,
                ),
                replace(_confirm(name, called), args={"target": name, **more}),
            )
        ),
    )


def _everywhere(route: Route) -> list[tuple[str, dict[str, bool]]]:
    """All targets; of follow-ups only what has come there."""
    aside = [(name, {"if_there": True}) for name in route.follow_up if name not in route.targets]
    return [*((name, {}) for name in route.targets), *aside]


def withdraw(parts: Parts, route: Route) -> Plan:
    """Leave a tombstone everywhere; goes forward only. The page turns first."""
    return Plan(
        "withdraw",
        (
            Step(
                "bury",
                "Turn the landing page into a tombstone",
                do="bury",
                final="a withdrawal is announced once and stays",
            ),
            *(
                Step(
                    f"withdraw.{name}",
                    f"Withdraw at {parts.settings.target_title(name)}",
                    do="withdraw",
                    final="a withdrawal is announced once and stays",
                    args={"target": name, **more},
                    target=name,
                )
                for name, more in _everywhere(route)
            ),
        ),
    )


def _in_words(plan: Plan, route: Route) -> Plan:
    """The plan with its steps called as the people of the route call them."""
    words = VOCABULARIES.get(route.words, NONE)
    steps = tuple(replace(s, title=words.title(s.key, s.title)) for s in plan.steps)
    return Plan(plan.name, steps)


def _worded(make: Callable[[Parts, Route], Plan]) -> Callable[[Parts, Route], Plan]:
    return lambda parts, route: _in_words(make(parts, route), route)


PLANS: dict[str, Callable[[Parts, Route], Plan]] = {
    "take-in": _worded(take_in),
    "publish": _worded(publish),
    "amend": _worded(amend),
    "withdraw": _worded(withdraw),
}


def plan_for(parts: Parts, route: Route, kind: str, given: Mapping[str, Any]) -> Plan:
    """The plan of a kind, as a run of it begins; a follow-up's target is `given`."""
    if kind == "give-back":
        return give_back(parts, route)
    if kind == "follow-up":
        return follow_up(parts, route, str(given["target"]))
    return PLANS[kind](parts, route)


def every(parts: Parts, route: Route) -> list[Plan]:
    """All plans of a route, those of its follow-ups last. Raises NotFound."""
    plans = [make(parts, route) for make in PLANS.values()]
    if parts.source(route.source).custody == "submit":
        plans.append(give_back(parts, route))
    return [*plans, *(follow_up(parts, route, name) for name in route.follow_up)]


def queue_of(route: Route, given: Mapping[str, Any] | None = None) -> str:
    """The queue of a route's runs: its first required target's, so that a slow target holds up
    only what goes there; of a follow-up, whose target is `given`, that one's."""
    return f"target-{(given or {}).get('target') or route.targets[0]}"


def queues_of(route: Route) -> list[str]:
    """All queues in which runs of a route may be."""
    return [queue_of(route), *(queue_of(route, {"target": name}) for name in route.follow_up)]
