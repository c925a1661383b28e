"""InvenioRDM keeps the promises of a target, in both dialects: on the sandbox always, and on a
real one when EXCUDIT_TEST_INVENIO_URL and EXCUDIT_TEST_INVENIO_TOKEN are set.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

import pytest

from excudit.domain.errors import Conflict
from excudit.domain.model import FileEntry, Snapshot
from excudit.sandbox.invenio import Invenio
from excudit.targets.invenio import InvenioSettings, InvenioTarget
from excudit.testing.targets import TargetContract
from registries import SITE
from repositories import DIALECTS, TOKEN, VARIABLE, deposit_snapshot, opened, repository_target

REAL = "EXCUDIT_TEST_INVENIO_"


@pytest.fixture(scope="module", params=DIALECTS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Invenio]:
    with Invenio(zenodo=request.param == "zenodo-legacy", token=TOKEN) as running:
        yield running


class TestInvenioOnTheSandbox(TargetContract):
    @pytest.fixture
    def target(self, sandbox: Invenio, monkeypatch: pytest.MonkeyPatch) -> Iterator[InvenioTarget]:
        monkeypatch.setenv(VARIABLE, TOKEN)
        target = repository_target(sandbox)
        yield target
        target.close()

    @pytest.fixture
    def snapshot(self, target: InvenioTarget) -> Snapshot:  # type: ignore[override]
        return deposit_snapshot()

    @pytest.fixture
    def secrets(self) -> Collection[str]:
        return (TOKEN,)

    def content(self, file: FileEntry) -> BinaryIO:
        return opened(file)


@pytest.mark.skipif(not os.environ.get(REAL + "URL"), reason=f"{REAL}URL is not set")
class TestInvenioOnARealOne(TargetContract):
    @pytest.fixture
    def target(self) -> Iterator[InvenioTarget]:
        told: dict[str, Any] = {"url": os.environ[REAL + "URL"], "token": {"env": REAL + "TOKEN"}}
        assert "//zenodo.org" not in told["url"], "never against production"
        settings = InvenioSettings.model_validate({**told, "find_lag_s": 0, "publish_lag_s": 0})
        target = InvenioTarget("real", settings, SITE)
        yield target
        target.close()

    @pytest.fixture
    def snapshot(self, target: InvenioTarget) -> Iterator[Snapshot]:  # type: ignore[override]
        snapshot = deposit_snapshot()
        yield snapshot
        if draft := target.find(snapshot):
            try:
                target.discard(draft)
            except Conflict:
                return

    @pytest.fixture
    def secrets(self) -> Collection[str]:
        return (os.environ[REAL + "TOKEN"],)

    def content(self, file: FileEntry) -> BinaryIO:
        return opened(file)
