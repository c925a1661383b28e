"""States, accounts and checks of the sandbox registry, without a server."""

from __future__ import annotations

import base64
from typing import Any, get_args

import pytest

from excudit.sandbox.datacite import states, xml_reader, xml_writer
from excudit.sandbox.datacite.accounts import Account, identify
from excudit.sandbox.datacite.call import Call, Refused
from excudit.sandbox.datacite.registry import Sandbox, Settings
from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.validation import Check

KERNEL_4 = "http://datacite.org/schema/kernel-4"
OWNER = Account("DEMO.REPO", prefixes=("10.14454",), domains="example.org, *.example.net")
EVENTS = ("publish", "register", "hide", "show", "destroy", None)


def test_only_the_tabled_events_move_a_state_and_none_leads_back_to_draft() -> None:
    moved = {
        (state, event): states.after(state, event)
        for state in get_args(states.State)
        for event in EVENTS
        if states.after(state, event) != state
    }
    assert moved == states.NEXT
    assert "draft" not in moved.values()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org/x", True),
        ("https://EXAMPLE.ORG:8080/x", True),
        ("https://a.example.net/x", True),
        ("https://example.net/x", False),
        ("https://www.example.org/x", False),
        ("https://example.org.evil.test/x", False),
    ],
)
def test_a_host_is_allowed_exactly_or_by_its_suffix(url: str, allowed: bool) -> None:
    assert OWNER.allows(url) is allowed


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Digest x", "Bearer ", "Bearer x"])
def test_credentials_that_are_none_are_bad(header: str) -> None:
    with pytest.raises(Refused) as caught:
        identify(Call("GET", "/", headers={"authorization": header}), [OWNER])
    assert caught.value.reply.status == 401


def errors(*, full: bool = False, new: bool = True, **changed: Any) -> list[tuple[str, str]]:
    doi = Doi("10.14454/x", OWNER.symbol, schema_version=KERNEL_4)
    for name, value in changed.items():
        setattr(doi, name, value)
    doi.xml = doi.xml or xml_writer.write(doi.doi, doi.metadata).decode()
    found = Check(doi, OWNER, full=full, posted=False).errors(new=new)
    assert all(error["uid"] == doi.doi for error in found)
    return [(error["source"], error["title"]) for error in found]


@pytest.mark.parametrize(
    ("name", "source", "title"),
    [
        ("creators", "creators", "Creator"),
        ("titles", "titles", "Title"),
        ("contributors", "contributors", "Contributor"),
        ("dates", "dates", "Date"),
        ("rightsList", "rights_list", "Rights"),
        ("descriptions", "descriptions", "Description"),
        ("subjects", "subjects", "Subject"),
        ("identifiers", "identifiers", "Identifier"),
        ("relatedIdentifiers", "related_identifiers", "Related identifier"),
        ("relatedItems", "related_items", "Related item"),
        ("fundingReferences", "funding_references", "Funding reference"),
        ("geoLocations", "geo_locations", "Geolocation"),
    ],
)
def test_a_string_where_an_object_is_due_is_named(name: str, source: str, title: str) -> None:
    text = f"{title} 'x' should be an object instead of a string."
    assert errors(metadata={name: ["x", "y"]}) == [(source, text)]


def test_long_rights_are_refused() -> None:
    text = "Rights should not have a length of more than 2000 characters."
    assert errors(metadata={"rightsList": [{"rights": "x" * 2000}]}) == []
    assert errors(metadata={"rightsList": [{"rights": "x" * 2001}]}) == [("rights_list", text)]


def test_a_contributor_needs_a_known_type_if_the_schema_version_is_exact() -> None:
    nameless = {"contributors": [{"name": "A"}]}
    ((source, title),) = errors(metadata=nameless)
    assert source == "contributors"
    assert title.endswith("is missing a required element: contributor type.")
    assert errors(metadata=nameless, schema_version=f"{KERNEL_4}.4") == []


def test_a_public_doi_needs_an_allowed_url_a_draft_does_not() -> None:
    assert errors(state="draft", url="https://elsewhere.test/") == []
    assert ("url", "Can't be blank") in errors(state="registered")
    found = dict(errors(state="findable", url="https://elsewhere.test/"))
    assert found["url"].endswith("is not allowed by repository DEMO.REPO domain settings.")


def test_sources_of_schema_errors_are_renamed_and_come_once() -> None:
    metadata = {
        "creators": [{"name": "A"}],
        "titles": [{"title": "T"}],
        "publisher": {"name": "P"},
        "publicationYear": 26,
        "types": {"resourceTypeGeneral": "Nothing"},
        "dates": [{"date": "2020"}, {"date": "2021"}],
    }
    found = dict(errors(full=True, metadata=metadata))
    assert set(found) == {
        "publication_year",
        "resourceType', attribute 'resourceTypeGeneral",
        "dates",
    }
    assert found["dates"].startswith("DOI 10.14454/x: The attribute 'dateType' is required")
    assert found["dates"].endswith("at line 16, column 0")


@pytest.mark.parametrize("kernel", ["kernel-3", "kernel-2.2"])
def test_old_kernels_are_refused_by_schema_version(kernel: str) -> None:
    version = f"http://datacite.org/schema/{kernel}"
    text = f"DOI 10.14454/x: Schema {version} is no longer supported"
    assert errors(schema_version=version) == [("xml", text)]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (b"no xml", "invalid"),
        (b"<a><b></a>", "mismatch"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "invalid"),
    ],
)
def test_documents_that_cannot_be_read_are_refused(document: bytes, what: str) -> None:
    with pytest.raises(xml_reader.Unreadable, match=what):
        xml_reader.parse(document)


def answer(body: Any, method: str = "POST", path: str = "/dois") -> Any:
    settings = Settings((OWNER,))
    sandbox = Sandbox(settings, ":memory:", "http://api", "http://resolver")
    header = "Basic " + base64.b64encode(b"DEMO.REPO:sandbox").decode()
    call = Call(method, path, headers={"authorization": header}, body=body)
    try:
        return sandbox.answer(call).reply
    finally:
        sandbox.close()


@pytest.mark.parametrize("body", [None, b"raw", [], {}, {"data": []}, {"data": {"attributes": []}}])
def test_a_payload_that_is_none_is_a_400(body: Any) -> None:
    assert answer(body).status == 400


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"doi": "10.14454/x", "url": "https://e/\ud800"}, 400),
        ({"doi": "10.14454/x", "titles": [{"title": "a\x00b"}]}, 422),
        ({"doi": "10.14454/x", "publicationYear": 10**40}, 400),
        ({}, 422),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_note(
    attributes: dict[str, Any], status: int
) -> None:
    reply = answer({"data": {"attributes": attributes}})
    assert reply.status == status
    assert reply.headers["X-Sandbox-Note"]
