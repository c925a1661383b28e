"""A catalogue of cards: one JSON file for each publication, in a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from excudit.domain.errors import Conflict, NotFound, Unavailable, Unsupported
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.metadata import datacite_json
from excudit.ports import Capabilities
from excudit.settings import Site, Strict


class CardSettings(Strict):
    """The table `[targets.NAME]`. `folder`: where the cards are kept."""

    folder: Path


class CardCatalogue:
    """Files are moved into place whole, so that a card is there or it is not."""

    Settings = CardSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="catalogue", final="A card that was read cannot be unread.", amend=True, withdraw=True
    )

    def __init__(
        self,
        name: str,
        settings: CardSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self._folder = settings.folder

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        return ()

    def find(self, snapshot: Snapshot) -> Deposit | None:
        card = self._read(snapshot.key)
        return None if card is None else self._deposit(card)

    def name_doi(self) -> str:
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        return self.find(snapshot) or self._write(key, "draft", snapshot)

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        raise Unsupported("A catalogue keeps no files.")

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        self._must(deposit)
        return self._write(deposit.key, "public", snapshot)

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        card = self._read(deposit.key)
        if card is None or card["state"] != "public":
            return [Problem("", "The card is not public.", "Publish again.")]
        if card["record"] != datacite_json.to_rest(snapshot.record):
            return [Problem("", "The card shows another record.", "Amend it.")]
        return []

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        return self._write(deposit.key, self._must(deposit)["state"], snapshot)

    def discard(self, deposit: Deposit) -> None:
        card = self._read(deposit.key)
        if card is not None and card["state"] != "draft":
            raise Conflict("The card is public.", hint="Withdraw it instead.")
        self._place(deposit.key).unlink(missing_ok=True)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        if self._must(deposit)["state"] == "draft":
            raise Conflict("The card is a draft.", hint="Discard it instead.")
        return self._write(deposit.key, "withdrawn", snapshot, reason=tombstone.reason)

    def probe(self) -> Sequence[Problem]:
        if os.access(self._folder, os.W_OK):
            return ()
        return [
            Problem("", f"{self._folder} is not writable.", "Give the service the right to it.")
        ]

    def _place(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _read(self, key: str) -> dict[str, Any] | None:
        try:
            card: dict[str, Any] = json.loads(self._place(key).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{self._folder} cannot be read: {error.strerror}.") from error
        return card

    def _must(self, deposit: Deposit) -> dict[str, Any]:
        card = self._read(deposit.key)
        if card is None:
            raise NotFound(f"There is no card {deposit.key}.", hint="Stop the run, publish again.")
        return card

    def _write(self, key: str, state: str, snapshot: Snapshot, **more: str) -> Deposit:
        card = {"key": key, "state": state, "url": snapshot.landing_url, **more}
        card["record"] = datacite_json.to_rest(snapshot.record)
        fresh = self._folder / f".{key}.{os.urandom(6).hex()}"
        try:
            fresh.write_text(json.dumps(card), encoding="utf-8")
            fresh.replace(self._place(key))
        except OSError as error:
            raise Unavailable(f"{self._folder} cannot be written: {error.strerror}.") from error
        return self._deposit(card)

    def _deposit(self, card: dict[str, Any]) -> Deposit:
        key = card["key"]
        return Deposit(self.name, key, remote_id=key, state=card["state"], url=card["url"])
