"""Looking before publishing: check a record, show a plan."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from excudit.cli.frame import as_json, say_json, say_problems, settings_of, told


@click.command("check")
@click.argument("path", type=click.Path())
@click.option("--xsd", help="Also check the XML against this official XSD.")
@as_json
@told
def check_(path: str, xsd: str | None, as_json: bool) -> None:
    """Check the record at PATH: a file (JSON, YAML, XML) or a folder that holds one.

    Exit status 0: no errors (warnings may be there); 1: errors.
    """
    from excudit.domain.problem import blocking
    from excudit.metadata import datacite_xml
    from excudit.metadata.check import check_path

    checked = check_path(Path(path))
    problems = list(checked.problems)
    if xsd and checked.record is not None:
        problems += datacite_xml.validate_with_xsd(datacite_xml.to_xml(checked.record), Path(xsd))
    errors = blocking(problems)
    if as_json:
        say_json({"valid": not errors, "problems": [p.as_data() for p in problems]})
    else:
        say_problems(problems)
        warned = len(problems) - len(errors)
        click.echo(f"{path}: {len(errors)} error(s), {warned} warning(s).")
    sys.exit(1 if errors else 0)


@click.group("plan")
def plan_() -> None:
    """Show the plans of a route."""


@plan_.command("show")
@click.argument("route")
@as_json
@click.pass_context
@told
def show(ctx: click.Context, route: str, as_json: bool) -> None:
    """Show every step of ROUTE's plans: what it does, and what takes it back.

    Without a configuration the routes of the demo are shown.
    """
    from excudit.cli.routes import plans_of

    plans = plans_of(Path(ctx.obj), route, lambda: settings_of(ctx))
    if as_json:
        # The steps that lead to publication, for those who only want these.
        steps = [{"plan": p.name, **s.as_data()} for p in plans[:2] for s in p.steps]
        say_json({"route": route, "steps": steps, "plans": [p.as_data() for p in plans]})
        return
    for plan in plans:
        click.secho(f"{plan.name} (version {plan.digest})", bold=True)
        for i, step in enumerate(plan.steps, 1):
            click.echo(f"  {i:>2}. {step.title}  [{step.key}]")
            click.echo(f"      {_back(step.as_data())}")


def _back(step: dict[str, str]) -> str:
    if "final" in step:
        return f"no way back: {step['final']}"
    if "undo" in step:
        return f"taken back by: {step['undo']}"
    if "undone_by" in step:
        return f"taken back with: {step['undone_by']}"
    return f"nothing to take back: {step.get('harmless', 'it only waits')}"
