"""The addresses of drop-in APIs: each answers strangers in the words of its own system."""

from __future__ import annotations

_ASKED = "/terrain/permanent-id-requests"
_JUDGED = "/terrain/admin/permanent-id-requests"
COMMONS = (
    f"GET {_ASKED}/status-codes",
    f"GET {_ASKED}/types",
    f"GET {_ASKED}",
    f"POST {_ASKED}",
    f"GET {_ASKED}/{{key}}",
    f"GET {_ASKED}/{{key}}/preview-submission",
    f"GET {_JUDGED}",
    f"GET {_JUDGED}/{{key}}",
    f"GET {_JUDGED}/{{key}}/preview-submission",
    *(f"POST {_JUDGED}/{{key}}/{what}" for what in ("status", "doi", "ezid")),
    "GET /terrain/filesystem/metadata/templates",
    "GET /terrain/filesystem/metadata/template/{key}",
    "POST /terrain/filesystem/stat",
    "GET /terrain/filesystem/{data_id}/metadata",
    "POST /terrain/filesystem/{data_id}/metadata",
    "POST /terrain/filesystem/{data_id}/metadata/add",
)

FACES: tuple[tuple[str, tuple[int, ...]], ...] = (
    *((line, (401,)) for line in COMMONS),
    # No route of the site that is tried is for assessments.
    *((f"POST /v2/zenodo/publish/{what}/{{named}}", (401,)) for what in ("assessment", "deposit")),
    *((f"GET /v2/zenodo/{what}/{{named}}", (404,)) for what in ("assessment", "deposit")),
    *((f"GET /v1/admin/zenodo/{what}/{{named}}", (401,)) for what in ("assessment", "deposit")),
    ("POST /scicat/jobs", (401,)),
    ("GET /scicat/jobs/{job}", (401, 404)),
)
"""Method and address, and what somebody without an account is told."""
