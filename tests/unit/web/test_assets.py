"""Stylesheet and scripts: packed for those who can unpack them, kept for ever."""

from __future__ import annotations

import gzip

import pytest
from fastapi.testclient import TestClient

from excudit.web import assets

EVERY = (assets.STYLE, assets.SCRIPT, assets.HTMX)


@pytest.mark.parametrize("asset", EVERY, ids=lambda a: a.media_type)
def test_assets_are_packed_for_those_who_can_unpack_them(
    asset: assets.Asset, web: TestClient
) -> None:
    packed = web.get(asset.path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == asset.body
    assert int(packed.headers["content-length"]) == len(asset.packed) < len(asset.body) / 2


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_assets_come_as_they_are_to_all_others(accepted: str, web: TestClient) -> None:
    plain = web.get(assets.STYLE.path, headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in plain.headers
    assert plain.content == assets.STYLE.body
    assert plain.headers["vary"] == "Accept-Encoding"
    assert "immutable" in plain.headers["cache-control"]


def test_pages_with_a_session_are_never_packed(web: TestClient) -> None:
    assert "content-encoding" not in web.get("/help").headers


def test_what_all_pages_load_together_is_light() -> None:
    assert gzip.decompress(assets.STYLE.packed) == assets.STYLE.body
    assert sum(len(asset.packed) for asset in EVERY) < 50_000
