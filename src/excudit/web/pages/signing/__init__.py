"""Signing in and out, and sending what was typed before."""

from __future__ import annotations

from fastapi import APIRouter

from excudit.web.pages.signing import elsewhere, here, lasting, late, sample

ROUTER = APIRouter(include_in_schema=False)
for _room in (here, elsewhere, lasting, late, sample):
    ROUTER.routes.extend(_room.ROUTER.routes)
install = late.install

__all__ = ["ROUTER", "install"]
