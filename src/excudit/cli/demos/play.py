"""What the frame of the demo asks of one route's play."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

Ports = Mapping[str, int]
"""Where the demo listens, by name: those of the frame (`web`, `registry`, `resolver`, `smtp`,
`mailbox`), and those of the play."""


PREFIX = "10.14454"
"""The DOI prefix of the demo's account at the registry."""


class Play(Protocol):
    """One route, played as its people would. Made with the PATH of the command line, or None.

    The frame starts the registry with its resolver, the mail server and the service, and shows
    how the publication goes. All of a play may be called again after an interruption.
    """

    ports: ClassVar[Mapping[str, int]]
    """The usual ports of its own sandboxes, by name."""

    dataset: Path | None
    """The folder on this machine that is published; the demo's own folder must lie apart."""

    said: str
    """What is published, as the first line shows it."""

    def settings(self, folder: Path, ports: Ports) -> str:
        """The tables of sources, targets and routes, as TOML. The same folder and ports give the
        same text. Secrets are in files that it writes into `folder`."""
        ...

    def open(self, opened: ExitStack, folder: Path, ports: Ports) -> None:
        """Start its own sandboxes, ended with `opened`. Their state is kept in `folder`."""
        ...

    def begin(self, parts: Parts) -> Publication:
        """Ask for the publication, by the doors that people or other systems use."""
        ...

    def act(self, parts: Parts, publication: Publication) -> bool:
        """Now that it stands still: do what people do next; False when nothing is left to do."""
        ...

    def ready(self, parts: Parts, publication: Publication) -> bool:
        """Whether people can act although the publication is still waiting for something."""
        ...

    def deposits(self) -> dict[str, int]:
        """What there is at each target by its own count, drafts included, without the registry."""
        ...

    def farewell(self, closing: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Further lines of the end: a word and what it says."""
        ...
