"""DataCite keeps the promises of a target: on the sandbox always, and on DataCite's test system
when EXCUDIT_DATACITE_URL, _RESOLVER_URL, _USERNAME, _PREFIX, _LANDING and _PASSWORD are set.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from excudit.domain.errors import Conflict
from excudit.domain.model import Snapshot
from excudit.sandbox.datacite import Registry
from excudit.targets.datacite import DataCiteSettings, DataCiteTarget
from excudit.testing.targets import TargetContract
from registries import OTHER, PASSWORD, REPO, SITE, VARIABLE, snapshot_of, target_for

REAL = "EXCUDIT_DATACITE_"


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry(accounts=(REPO, OTHER)) as registry:
        yield registry


class TestDataCiteOnTheSandbox(TargetContract):
    @pytest.fixture
    def target(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[DataCiteTarget]:
        monkeypatch.setenv(VARIABLE, PASSWORD)
        target = target_for(registry)
        yield target
        target.close()

    @pytest.fixture
    def snapshot(self, target: DataCiteTarget) -> Snapshot:  # type: ignore[override]
        return snapshot_of(target)

    @pytest.fixture
    def secrets(self) -> Collection[str]:
        return PASSWORD, b64encode(f"{REPO.symbol}:{PASSWORD}".encode()).decode()


@pytest.mark.skipif(not os.environ.get(REAL + "URL"), reason=f"{REAL}URL is not set")
class TestDataCiteOnItsTestSystem(TargetContract):
    @pytest.fixture
    def target(self) -> Iterator[DataCiteTarget]:
        told = {
            name.lower(): os.environ[REAL + name]
            for name in ("URL", "RESOLVER_URL", "USERNAME", "PREFIX")
        }
        assert "//api.datacite.org" not in told["url"], "never against production"
        password = {"env": REAL + "PASSWORD"}
        settings = DataCiteSettings.model_validate({**told, "password": password, "per_second": 2})
        site = SITE.model_copy(update={"base_url": os.environ[REAL + "LANDING"]})
        target = DataCiteTarget("datacite-test", settings, site)
        yield target
        target.close()

    @pytest.fixture
    def snapshot(self, target: DataCiteTarget) -> Iterator[Snapshot]:  # type: ignore[override]
        snapshot = snapshot_of(target)
        landing = f"{os.environ[REAL + 'LANDING']}/p/{snapshot.key}"
        snapshot = replace(snapshot, landing_url=landing)
        yield snapshot
        if draft := target.find(snapshot):
            try:
                target.discard(draft)
            except Conflict:
                return

    @pytest.fixture
    def secrets(self) -> Collection[str]:
        return (os.environ[REAL + "PASSWORD"],)
