"""What all tests share: where the reference data is, and fresh databases."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
from hypothesis import settings

from databases import database_url, postgresql, postgresql_url, sqlite_url  # noqa: F401 -- fixtures

# Descriptions of APIs are judged by one engine, whatever else a judge of ours has installed: the
# other one takes parts of the registry's own description for wrong.
os.environ["OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND"] = "jsonschema"

# The processes that tests start would otherwise compile the whole product anew, a second each.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent.parent


settings.register_profile("short", max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """In the short run fewer random examples, everywhere where a test does not name a number."""
    if config.option.markexpr == "not slow":
        settings.load_profile("short")


def shared_folder() -> Path | None:
    """The folder of reference data beside the checkout, where there is one."""
    for place in (os.environ.get("EXCUDIT_SHARED"), ROOT.parent / "shared"):
        if place and Path(place, "data", "datacite", "MANIFEST.json").is_file():
            return Path(place)
    return None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data; tests that need it skip loudly where it is absent."""
    folder = shared_folder()
    if folder is None:
        warnings.warn("SKIPPED for want of ../shared: set EXCUDIT_SHARED", stacklevel=1)
        pytest.skip("reference data (../shared or EXCUDIT_SHARED) is not here")
    return folder
