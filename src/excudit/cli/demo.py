"""`excudit demo`: the whole way of a dataset to its DOI, on this machine, in one command.

The sandbox and the service are real processes; what is shown is read from the service's own
tables. An interrupted demo goes on where it stood; a finished one starts over.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from excudit.cli import demo_samples
from excudit.cli.demo_people import ADMIN, NAMES, OWNER, REVIEWER, settle
from excudit.cli.demo_place import Place
from excudit.cli.demo_settings import kept_ports, write_settings
from excudit.cli.demos import play_of
from excudit.cli.follow import Seen, amount, follow
from excudit.cli.frame import as_json, say_json, told
from excudit.domain.errors import NotFound, Rejected, Unavailable

if TYPE_CHECKING:
    from excudit.cli.demos.play import Play
    from excudit.domain.publication import Publication

READY_S = 60.0
ENDING_S = 15.0
INTERRUPTED = 130
PARKED = ("needs_attention", "out_of_sync")


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
    """Publish a sample, or the folder PATH, on the loopback sandbox, and show how it goes.

    STEP is a step of `excudit plan show ROUTE`, and may end in :before, :effect (the default) or
    :journal. With --json one closing object is printed.
    """
    play = play_of(route, path)
    place = Place(Path(folder).absolute(), play.dataset, route)
    with place.taken(), Demo(place, play, route, quiet=as_json) as demo:
        try:
            place.tidy(fresh=fresh or crash_at is not None)
            well = demo.play(crash_at)
            if well and not ending:
                demo.stay()
        except KeyboardInterrupt:
            click.echo("\nStopped. The same command goes on where this stood.", err=True)
            sys.exit(INTERRUPTED)
    sys.exit(0 if well else 1)


@dataclass
class Demo:
    """One demo: its folder, its play, and the processes that it started, ended at the exit."""

    place: Place
    show: Play
    route: str
    quiet: bool
    _opened: ExitStack = field(default_factory=ExitStack)
    _shown: Seen = field(default_factory=set)

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        # A second Ctrl-C would leave processes behind.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._opened.close()
        finally:
            signal.signal(signal.SIGINT, before)

    def play(self, crash_at: str | None) -> bool:
        """Start everything, publish, and tell how it ended: whether all is well."""
        self._begun = time.monotonic()
        self._start()
        self._known_step(crash_at)
        self._say(f"excudit publishes {self.show.said}")
        self._serve(crash_at)
        publication = self._submit().id
        self._follow(publication)
        while self._acted(publication):
            self._follow(publication)
        return self._close(publication)

    def _follow(self, publication: str) -> None:
        follow(
            self.parts,
            publication,
            quiet=self.quiet,
            alive=self._keep_alive,
            until=lambda: self._mails_out(publication),
            ready=lambda found: self.show.ready(self.parts, found),
            seen=self._shown,
        )

    def _acted(self, publication: str) -> bool:
        from excudit.store import publications

        with self.parts.database.read() as connection:
            found = publications.get(connection, publication)
        return found.health not in PARKED and self.show.act(self.parts, found)

    def _start(self) -> None:
        from excudit import app
        from excudit.sandbox.datacite import Registry
        from excudit.sandbox.smtp import Mailbox
        from excudit.settings import load

        folder = self.place.folder
        self._log = self._opened.enter_context((folder / "service.log").open("ab"))
        ports = kept_ports(folder, self.show)
        self.config = write_settings(folder, ports, self.show)
        self.parts = app.build(load(self.config))
        self._opened.callback(self.parts.database.close)
        settle(self.parts)
        self.mailbox = self._opened.enter_context(
            Mailbox(folder / "mailbox", smtp_port=ports["smtp"], web_port=ports["mailbox"])
        )
        self.registry = self._opened.enter_context(
            Registry(
                folder / "registry.db", port=ports["registry"], resolver_port=ports["resolver"]
            )
        )
        self.show.open(self._opened, folder, ports)

    def _known_step(self, crash_at: str | None) -> None:
        rules = self.parts.route(self.route)
        if crash_at is None:
            return
        from excudit.service.plans import PLANS
        from excudit.testing.crash import Crash

        plans = [build(self.parts, rules) for build in PLANS.values()]
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
            named = [part for name in NAMES for part in ("--sample-user", name)]
            serve = ["serve", "--while-stdin", *named]
            how = ["-m", "excudit.cli", "--config", str(self.config), *serve]
        lock = self.place.service_lock()
        try:
            # In a session of its own: Ctrl-C is for the demo, which then ends it in order.
            child = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                [sys.executable, *how],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=(lock,),
                start_new_session=True,
            )
        finally:
            os.close(lock)
        self._child = child
        self._opened.callback(_end, child)
        deadline = time.monotonic() + READY_S
        url = self.parts.settings.site.base_url + "/health"
        pause = threading.Event()
        while not _answers(url):
            status = child.poll()
            if status is not None and status < 0:
                # Killed while it started: no reason to give up.
                self._keep_alive()
                return
            if status is not None or time.monotonic() > deadline:
                log = self.place.folder / "service.log"
                raise Unavailable("The service did not start.", hint=f"Read {log}.")
            pause.wait(0.05)

    def _keep_alive(self) -> None:
        """Restart what was killed, as a supervisor does."""
        if not self.registry.alive:
            self._say("  The registry died; starting it again.")
            self.registry.stop()
            self.registry.start()
        status = self._child.poll()
        if status is not None:
            how = f"signal {-status}" if status < 0 else f"status {status}"
            self._say(f"  The worker died ({how}); starting it again.")
            self._serve()

    def _submit(self) -> Publication:
        """Ask for the publication; an interrupted demo finds the one that it began."""
        from excudit.store import publications

        with self.parts.database.read() as connection:
            known = publications.listing(connection, route=self.route, limit=1)
        if known:
            self._say("An interrupted demo goes on.")
            return self._go_on(known[0])
        return self.show.begin(self.parts)

    def _go_on(self, known: Publication) -> Publication:
        from excudit.service import verbs

        if known.state in ("draft", "changes_requested"):
            return verbs.submit(self.parts, ADMIN, known.id)
        if known.health in PARKED:
            return verbs.retry(self.parts, ADMIN, known.id)
        if known.state == "approved" and known.health == "idle":
            return verbs.publish(self.parts, ADMIN, known.id)
        return known

    def _mails_out(self, publication: str) -> bool:
        from excudit.service import queries

        return all(m["status"] != "due" for m in queries.sent_mails(self.parts, publication, OWNER))

    def _close(self, publication: str) -> bool:
        from excudit.cli.publications import say
        from excudit.service import queries

        detail = queries.detail(self.parts, publication, OWNER)
        well = (detail["state"], detail["health"]) == ("published", "idle")
        closing = self._closing(detail)
        if well:
            self.place.finished()
        elif run := detail["run"]:
            closing["error"] = run["error"]
        if self.quiet:
            say_json(closing)
        elif well:
            self._farewell(closing)
        else:
            click.echo()
            say(detail)
            click.echo("\nNot published. Mend it; then the same command goes on from here.")
        return well

    def _closing(self, detail: dict[str, Any]) -> dict[str, Any]:
        states = {i["doi"]: i["state"] for i in detail["identifiers"]}
        return {
            "publication": detail["id"],
            "state": detail["state"],
            "health": detail["health"],
            "doi": detail["doi"],
            "doi_state": states.get(detail["doi"], ""),
            "landing_url": detail["landing_url"],
            "files": detail["files"],
            "bytes": detail["bytes"],
            "deposits": {"datacite": self._dois_there(), **self.show.deposits()},
            "mails": len(self.mailbox.messages()),
            "seconds": round(time.monotonic() - self._begun, 2),
        }

    def _dois_there(self) -> int:
        """How many DOIs the registry itself holds for our account, drafts included."""
        url = f"{self.registry.api_url}/_sandbox/count"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own address
            counts: dict[str, dict[str, int]] = json.load(answer)
        return sum(counts["DEMO.REPO"].values())

    def _farewell(self, closing: dict[str, Any]) -> None:
        resolves = f"{self.registry.resolver_url}/{closing['doi']}"
        count = closing["deposits"]["datacite"]
        click.echo()
        click.secho(f"{closing['state'].upper()}  https://doi.org/{closing['doi']}", bold=True)
        click.echo(f"  landing page   {closing['landing_url']}")
        click.echo(f"  DOI            {closing['doi_state']}, resolves at {resolves}")
        click.echo(f"  files          {closing['files']}, {amount(closing['bytes'], 0, 'bytes')}")
        click.echo(f"  at DataCite    {count} DOI (the registry's own count)")
        click.echo(f"  registry       {self.registry.api_url}/")
        for word, said in self.show.farewell(closing):
            click.echo(f"  {word:14} {said}")
        click.echo(f"  mails          {closing['mails']}, to read at {self.mailbox.url}/")
        click.echo(f"  took           {closing['seconds']} s")

    def stay(self) -> None:
        """Stay up until Ctrl-C, with a few more publications; what dies is started again."""
        pause = threading.Event()
        try:
            if demo_samples.ROUTE in self.parts.settings.routes:
                demo_samples.begin(self.parts, self._settled)
            self._invite()
            while not pause.wait(0.5):
                self._keep_alive()
        except KeyboardInterrupt:
            self._say("\nGoodbye.")

    def _settled(self, publication: str) -> None:
        follow(self.parts, publication, quiet=True, alive=self._keep_alive)

    def _invite(self) -> None:
        url = self.parts.settings.site.base_url
        self._say("\nLook around in the browser. Sign in at")
        self._say(f"{url}/sign-in with one button, no password:")
        self._say(f"  {url}/desk         as {OWNER.full_name}, who asks for publications")
        self._say(f"  {url}/queue        as {REVIEWER.full_name}, who reviews them")
        self._say(f"  {url}/operations   as {ADMIN.full_name}, who runs the service")
        self._say("The pages stay up until you press Ctrl-C.")

    def _say(self, text: str) -> None:
        if not self.quiet:
            click.echo(text)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the service in order, and surely; idempotent."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        child.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
