"""Judges answers of an API by its own OpenAPI document: an answer that is not described fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.templating.paths.exceptions import PathNotFound
from openapi_core.testing import MockRequest, MockResponse

PROBLEM = "application/problem+json"


class Description:
    """An OpenAPI document as a judge; one that is not valid itself cannot be made."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        deserializers: dict[str, Callable[[bytes], Any]] = {PROBLEM: lambda b, **_: json.loads(b)}
        self._judge = OpenAPI.from_dict(
            document, Config(extra_media_type_deserializers=deserializers)
        )

    def judge(self, answer: Any) -> None:
        """Raises when the answer of a described call is not as described."""
        answer.read()
        url = answer.request.url
        request = MockRequest(
            f"{url.scheme}://{url.netloc.decode()}", answer.request.method, url.path
        )
        response = MockResponse(
            answer.content,
            answer.status_code,
            dict(answer.headers),
            answer.headers.get("content-type", "").partition(";")[0],
        )
        if answer.request.method in ("HEAD", "OPTIONS") or answer.status_code == 405:
            return
        try:
            self._judge.validate_response(request, response)
        except PathNotFound:
            itself = url.path.endswith("/openapi.json")
            assert itself or not url.path.startswith("/api/") or answer.status_code == 404
