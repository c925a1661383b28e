"""The plans of a route, from the configuration or from the demo's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from excudit.engine.plan import Plan
    from excudit.settings import Settings


def plans_of(config: Path, route: str, load: Callable[[], Settings]) -> list[Plan]:
    """All plans of the route, in the order of a publication's life.

    A route that the configuration does not have, or no configuration, gives the demo's route of
    that name. Raises NotFound where there is neither.
    """
    from excudit import app
    from excudit.cli.demo_settings import demo_settings
    from excudit.service.plans import every

    with TemporaryDirectory(prefix="excudit-plan-") as scratch:
        settings = load() if config.exists() else None
        if settings is None or route not in settings.routes:
            settings = demo_settings(Path(scratch), route)
        parts = app.build(settings, migrating=False)
        rules = parts.route(route)
        plans = every(parts, rules)
        parts.database.close()
    return plans
