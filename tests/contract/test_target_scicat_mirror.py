"""A public SciCat keeps the promises of a target: on two sandboxes always, and on real ones when
EXCUDIT_TEST_SCICAT_URL, …_PUBLIC_URL, …_USER and …_PASSWORD are set."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

import pytest

from catalogues import REAL, SITE, VARIABLE, ingest
from excudit.domain.model import Snapshot
from excudit.sandbox.scicat import SciCatSandbox
from excudit.scicat import Connection, SciCat
from excudit.sources.scicat import ScicatSource
from excudit.targets.scicat_mirror import ScicatMirrorTarget
from excudit.testing.targets import TargetContract
from mirrors import LISTS, described, frozen, mirror, original

PAIR = tuple[SciCatSandbox, SciCatSandbox]


@pytest.fixture(scope="module")
def pair() -> Iterator[PAIR]:
    with SciCatSandbox() as private, SciCatSandbox(public=True) as public:
        yield private, public


class TestMirrorOnTheSandboxes(TargetContract):
    @pytest.fixture(params=[True, False], ids=["public lists", "quiet lists"])
    def target(
        self, pair: PAIR, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[ScicatMirrorTarget]:
        account = {"username": "", "password": None, "token": {"env": VARIABLE}}
        monkeypatch.setenv(VARIABLE, pair[1].token("svc"))
        made = mirror(*pair, public_lists=request.param, **account)
        yield made
        made.close()

    @pytest.fixture
    def snapshot(self, target: ScicatMirrorTarget, pair: PAIR) -> Snapshot:  # type: ignore[override]
        return frozen(described(pair[0], original(pair[0])))

    @pytest.fixture
    def secrets(self, target: ScicatMirrorTarget) -> Collection[str]:
        return (os.environ[VARIABLE],)


@pytest.mark.skipif(not os.environ.get(REAL + "PUBLIC_URL"), reason=f"{REAL}PUBLIC_URL is not set")
class TestMirrorOnRealOnes(TargetContract):
    @pytest.fixture
    def target(self) -> Iterator[ScicatMirrorTarget]:
        account = {"username": os.environ[REAL + "USER"], "password": {"env": REAL + "PASSWORD"}}
        told = {
            "url": os.environ[REAL + "PUBLIC_URL"],
            **account,
            "origin": {"url": os.environ[REAL + "URL"], **account},
        }
        settings = ScicatMirrorTarget.Settings.model_validate(told)
        made = ScicatMirrorTarget("real", settings, SITE)
        yield made
        made.close()

    @pytest.fixture
    def snapshot(self, target: ScicatMirrorTarget) -> Iterator[Snapshot]:  # type: ignore[override]
        told = target.settings.origin.model_dump()
        catalogue = SciCat("real", Connection.model_validate(told), SITE)
        pid = ingest(catalogue, LISTS)
        read = ScicatSource("real", ScicatSource.Settings.model_validate(told), SITE)
        yield frozen(read.describe(pid))
        read.close()
        catalogue.remove_dataset(pid)
