"""Documents handed in by the API: taken whole, told of with every problem, published, looked up."""

from __future__ import annotations

import io
import os

import httpx2
import pytest
from assessment_house import ROUTE, house_for
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from excudit.sandbox.invenio import Invenio
from excudit.store import users
from house import until

DOCUMENTS = f"/api/v1/routes/{ROUTE}/documents"


@pytest.fixture(scope="module")
def house(tmp_path_factory, registry, mailbox, shared):
    place = tmp_path_factory.mktemp("house")
    with Invenio(place / "repository.db") as repository:
        made = house_for(place, "sqlite://", registry, mailbox, repository, shared)
        made.serve()
        yield made
        made.close()


@pytest.fixture(scope="module")
def api(house):
    with house.parts.database.write() as connection:
        users.put(connection, "u-owner-0001", email="ase@example.org", roles=[])
        _, token = users.issue_token(connection, "u-owner-0001", "test", None)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{house.port}", headers=headers, timeout=60
    ) as client:
        yield client


def pdf_of(megabytes):
    """A page, and bytes that do not shrink."""
    writer, whole, ballast = PdfWriter(), io.BytesIO(), StreamObject()
    writer.add_blank_page(595, 842)
    ballast.set_data(os.urandom(megabytes * 1_000_000))
    writer.root_object[NameObject("/Ballast")] = writer._add_object(ballast)
    writer.write(whole)
    return whole.getvalue()


def test_a_document_with_a_large_pdf_is_taken_published_and_looked_up(house, api):
    pdf = pdf_of(8)
    parts = {"document": house.document(), "rendering": pdf}
    taken = api.post(DOCUMENTS, files=parts)
    assert taken.status_code == 201, taken.text
    ref = taken.json()["ref"]
    begun = api.post(f"{DOCUMENTS}/{ref}/publish")
    assert begun.status_code == 202, begun.text
    assert begun.headers["Location"].endswith(begun.json()["id"])

    def stored():
        found = api.get(f"/api/v1/publications/{begun.json()['id']}/deposits").json()["deposits"]
        return found and found[0]["process_state"] == "PROCESS COMPLETED" and found[0]

    one = until(stored, "it is not published")
    assert (one["dataset"], one["publication_status"]) == (ref, "PUBLISHED")
    assert one["deposit"] in one["url"]
    assert one["created_at"] <= one["published_at"]
    again = api.post(f"{DOCUMENTS}/{ref}/publish")
    assert again.status_code == 409


def test_the_document_alone_may_be_the_body(house, api):
    headers = {"Content-Type": "application/json"}
    taken = api.post(DOCUMENTS, content=house.document(), headers=headers)
    assert taken.status_code == 201, taken.text


def test_every_problem_of_every_part_is_told_at_its_place(house, api):
    parts = {
        "document": b'{"principles": [{"criteria": [{"imperative": "PERHAPS"}]}]}',
        "rendering": (house.samples / "magic-only.pdf").read_bytes(),
    }
    refused = api.post(DOCUMENTS, files=parts)
    assert refused.status_code == 422
    assert {p["where"] for p in refused.json()["problems"]} == {
        "/document/principles/0/criteria/0/imperative",
        "/document/principles/0/criteria/0/metric",
        "/rendering",
    }


def test_what_is_too_large_is_refused_before_it_is_read(house, api):
    parts = {"document": house.document(), "rendering": b"%PDF-" + bytes(60_000_000)}
    refused = api.post(DOCUMENTS, files=parts)
    assert refused.status_code == 413
    elsewhere = api.post("/api/v1/records/check", content=bytes(6_000_000))
    assert elsewhere.status_code == 413


def test_a_part_that_the_source_does_not_know_is_refused(house, api):
    refused = api.post(DOCUMENTS, files={"document": house.document(), "cover": b"x"})
    assert refused.status_code == 501
