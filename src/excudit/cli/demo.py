"""`excudit demo`: the whole way of a folder to its DOI, on this machine, in one command.

The sandbox and the service are real processes; what is shown is read from the service's own
tables. An interrupted demo goes on where it stood; a finished one starts over.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from excudit.cli.demo_settings import kept_ports, write_settings
from excudit.cli.follow import amount, follow
from excudit.cli.frame import as_json, say_json, told
from excudit.domain.errors import NotFound, Rejected, Unavailable
from excudit.domain.model import Actor

if TYPE_CHECKING:
    from excudit.domain.publication import Publication

MARKER = "excudit-demo"
READY_S = 60.0
OWNER = Actor("Ingrid Demo", frozenset(), "ingrid.demo@example.org")


@click.command("demo")
@click.argument("path", required=False, type=click.Path())
@click.option("--route", default="folder-doi", show_default=True, help="Which route to play.")
@click.option("--dir", "folder", default="demo-data", show_default=True, help="Where it keeps all.")
@click.option("--exit", "ending", is_flag=True, help="End after the publication.")
@click.option("--crash-at", metavar="STEP", help="Kill the worker there with SIGKILL, once.")
@click.option("--fresh", is_flag=True, help="Forget a demo that was interrupted.")
@as_json
@told
def demo_(
    path: str | None,
    route: str,
    folder: str,
    ending: bool,
    crash_at: str | None,
    fresh: bool,
    as_json: bool,
) -> None:
    """Publish the sample folder, or PATH, on the loopback sandbox, and show how it goes.

    STEP is a step of `excudit plan show ROUTE`, and may end in :before, :effect (the default) or
    :journal. With --json one closing object is printed.
    """
    dataset = _dataset(path)
    place = Path(folder).absolute()
    demo = Demo(place, dataset, route, quiet=as_json)
    demo.prepare(fresh=fresh or crash_at is not None)
    try:
        closing = demo.play(crash_at)
        if as_json:
            say_json(closing)
        else:
            _farewell(closing, demo, stays=not ending)
        if not ending:
            demo.stay()
    finally:
        demo.stop()
    if closing["state"] != "published":
        sys.exit(1)


def _dataset(path: str | None) -> Path:
    if path is None:
        import excudit.sandbox

        return Path(excudit.sandbox.__file__).parent / "sample"
    found = Path(path).absolute()
    if not found.is_dir():
        raise NotFound(f"There is no folder {found}.", hint="Name an existing folder.")
    return found


@dataclass
class Demo:
    """One demo: its folder, the dataset, and the processes that it started."""

    place: Path
    dataset: Path
    route: str
    quiet: bool

    def prepare(self, *, fresh: bool) -> None:
        """Make or tidy the demo's own folder. Raises Rejected when it is something else's."""
        marker = self.place / MARKER
        if self.place.exists() and any(self.place.iterdir()) and not marker.exists():
            raise Rejected(
                f"{self.place} is not a demo's folder.", hint="Choose another one with --dir."
            )
        if marker.exists() and (fresh or marker.read_text().strip() == "finished"):
            shutil.rmtree(self.place)
        self.place.mkdir(parents=True, exist_ok=True)
        marker.write_text("begun")

    def play(self, crash_at: str | None) -> dict[str, Any]:
        """Start everything, publish, and tell how it ended."""
        from excudit import app
        from excudit.sandbox.datacite import Registry
        from excudit.sandbox.smtp import Mailbox
        from excudit.settings import load

        self._begun = time.monotonic()
        self._child: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = (self.place / "service.log").open("ab")
        ports = kept_ports(self.place)
        self.config = write_settings(self.place, ports, [self.dataset.parent])
        self.registry = Registry(
            self.place / "registry.db", port=ports.registry, resolver_port=ports.resolver
        )
        self.mailbox = Mailbox(self.place / "mailbox", smtp_port=ports.smtp, web_port=ports.mailbox)
        settings = load(self.config)
        self.parts = app.build(settings)
        self._known_step(crash_at)
        self.registry.start()
        self.mailbox.start()
        self._say(f"excudit publishes {self.dataset}")
        self._serve(crash_at)
        publication = self._submit()
        follow(
            self.parts,
            publication.id,
            quiet=self.quiet,
            alive=self._keep_alive,
            until=lambda: self._mails_out(publication.id),
        )
        return self._closing(publication.id)

    def _known_step(self, crash_at: str | None) -> None:
        if crash_at is None:
            return
        from excudit.service.plans import PLANS
        from excudit.testing.crash import Crash

        plans = [build(self.parts, self.parts.route(self.route)) for build in PLANS.values()]
        known = [step.key for plan in plans[:2] for step in plan.steps]
        try:
            step = Crash.parse(crash_at).step
        except ValueError as error:
            raise Rejected(f"--crash-at {crash_at}: {error}.") from error
        if step not in known:
            raise NotFound(
                f"The route {self.route} has no step {step!r}.",
                hint=f"Its steps: {', '.join(known)}.",
            )

    def _serve(self, crash_at: str | None = None) -> None:
        """Start the service as a process of its own, and wait until it is ready."""
        if crash_at:
            how = ["-m", "excudit.cli.crashing", str(self.config), crash_at]
        else:
            how = ["-m", "excudit.cli", "--config", str(self.config), "serve", "--while-stdin"]
        self._child = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [sys.executable, *how], stdin=subprocess.PIPE, stdout=self._log, stderr=self._log
        )
        deadline = time.monotonic() + READY_S
        url = self.parts.settings.site.base_url + "/health"
        pause = threading.Event()
        while not _answers(url):
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(
                    "The service did not start.", hint=f"Read {self.place / 'service.log'}."
                )
            pause.wait(0.05)

    def _keep_alive(self) -> None:
        """Restart the service where it was killed, as a supervisor does."""
        if self._child is not None and self._child.poll() is not None:
            self._say(f"  The worker died (signal {-self._child.returncode}); starting it again.")
            self._serve()

    def _submit(self) -> Publication:
        """Ask for the publication; an interrupted demo finds the one that it began."""
        from excudit.service import verbs
        from excudit.store import publications

        with self.parts.database.read() as connection:
            known = publications.listing(connection, owner=OWNER.name, limit=1)
        if known:
            self._say("An interrupted demo goes on.")
            return self._go_on(known[0])
        ref = str(self.dataset)
        return verbs.create(self.parts, OWNER, self.route, ref, submitting=True)

    def _go_on(self, known: Publication) -> Publication:
        from excudit.service import verbs

        if known.state in ("draft", "changes_requested"):
            return verbs.submit(self.parts, OWNER, known.id)
        if known.state == "approved" and known.health in ("idle", "needs_attention"):
            return verbs.publish(self.parts, OWNER, known.id)
        return known

    def _mails_out(self, publication: str) -> bool:
        from excudit.service import queries

        return all(m["status"] != "due" for m in queries.sent_mails(self.parts, publication))

    def _closing(self, publication: str) -> dict[str, Any]:
        from excudit.service import queries

        detail = queries.detail(self.parts, publication, OWNER)
        states = {i["doi"]: i["state"] for i in detail["identifiers"]}
        if detail["state"] == "published":
            (self.place / MARKER).write_text("finished")
        return {
            "publication": detail["id"],
            "state": detail["state"],
            "health": detail["health"],
            "doi": detail["doi"],
            "doi_state": states.get(detail["doi"], ""),
            "landing_url": detail["landing_url"],
            "files": detail["files"],
            "bytes": detail["bytes"],
            "deposits": {"datacite": self._dois_there()},
            "mails": len(self.mailbox.messages()),
            "seconds": round(time.monotonic() - self._begun, 2),
        }

    def _dois_there(self) -> int:
        """How many DOIs the registry itself holds for our account, drafts included."""
        url = f"{self.registry.api_url}/_sandbox/count"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own address
            counts: dict[str, dict[str, int]] = json.load(answer)
        return sum(counts["DEMO.REPO"].values())

    def stay(self) -> None:
        """Stay up until Ctrl-C; the service is kept alive."""
        pause = threading.Event()
        try:
            while not pause.wait(0.5):
                self._keep_alive()
        except KeyboardInterrupt:
            self._say("\nGoodbye.")

    def stop(self) -> None:
        """End every process that the demo started."""
        child = getattr(self, "_child", None)
        if child is not None:
            if child.stdin:
                child.stdin.close()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
        for part in ("registry", "mailbox"):
            started = getattr(self, part, None)
            if started is not None:
                started.stop()

    def _say(self, text: str) -> None:
        if not self.quiet:
            click.echo(text)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def _farewell(closing: dict[str, Any], demo: Demo, *, stays: bool) -> None:
    click.echo()
    click.secho(f"{closing['state'].upper()}  https://doi.org/{closing['doi']}", bold=True)
    click.echo(f"  landing page   {closing['landing_url']}")
    resolves = f"{demo.registry.resolver_url}/{closing['doi']}"
    click.echo(f"  DOI            {closing['doi_state']}, resolves at {resolves}")
    click.echo(f"  files          {closing['files']}, {amount(closing['bytes'], 0, 'bytes')}")
    click.echo(f"  at DataCite    {closing['deposits']['datacite']} DOI (the registry's own count)")
    click.echo(f"  registry       {demo.registry.api_url}/")
    click.echo(f"  mails          {closing['mails']}, to read at {demo.mailbox.url}/")
    click.echo(f"  took           {closing['seconds']} s")
    if stays:
        click.echo("\nThe pages stay up until you press Ctrl-C.")
