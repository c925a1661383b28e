"""All that the author of a plug-in reads: what a source and a target promise.

Every method may raise the errors of `excudit.domain.errors` and nothing else for an expected
outcome. No method retries, sleeps or keeps state of a publication: the plan does.
"""

from __future__ import annotations

from excudit.ports.core import (
    Capabilities,
    Maker,
    Source,
    Target,
    Watch,
)
from excudit.ports.sources import (
    Guarded,
    Handing,
    Measure,
    Measuring,
    Moving,
    Probing,
    Receiving,
    Renewing,
    Request,
    Requested,
    Reserving,
    Showing,
    Templated,
)
from excudit.ports.targets import (
    Adopting,
    Answer,
    Asking,
    Concluding,
    Displayed,
    Displaying,
    Filling,
    Keeping,
    Lagging,
    Naming,
    Opened,
    Uploading,
)

__all__ = [
    "Adopting",
    "Answer",
    "Asking",
    "Capabilities",
    "Concluding",
    "Displayed",
    "Displaying",
    "Filling",
    "Guarded",
    "Handing",
    "Keeping",
    "Lagging",
    "Maker",
    "Measure",
    "Measuring",
    "Moving",
    "Naming",
    "Opened",
    "Probing",
    "Receiving",
    "Renewing",
    "Request",
    "Requested",
    "Reserving",
    "Showing",
    "Source",
    "Target",
    "Templated",
    "Uploading",
    "Watch",
]
