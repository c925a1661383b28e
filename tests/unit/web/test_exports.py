"""Every form of a dataset's metadata, by address and by negotiation."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from excudit.metadata import datacite_json, datacite_xml
from excudit.web.public.exports import EXPORTS
from excudit.web.public.negotiate import wanted
from web_house import House

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "html"),
        ("*/*", "html"),
        (FIREFOX, "html"),
        ("image/png", "html"),
        ("nonsense", "html"),
        ("application/ld+json", "schemaorg"),
        ("application/ld+json;q=0", "html"),
        ("text/html;q=0.5, application/ld+json", "schemaorg"),
        ("application/*", "html"),
        ("application/*, text/html;q=0.1", "html"),
        ("APPLICATION/VND.DATACITE.DATACITE+JSON", "datacite.json"),
        ("application/vnd.datacite.datacite+xml", "datacite.xml"),
        ("text/x-bibliography; style=apa", "citation"),
        ("application/x-bibtex;q=0.3, */*;q=0.1", "bibtex"),
        ("text/html;q=abc, application/xml", "datacite.xml"),
        ("," * 5000, "html"),
        ("text/html;q=0, */*", "schemaorg"),
        ("text/html;q=0, application/xhtml+xml", "html"),
    ],
)
def test_the_form_that_the_reader_wants_most(accept: str, form: str) -> None:
    assert wanted(accept) == form


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_each_export_has_its_type_and_points_back(house: House, web: TestClient, name: str) -> None:
    page = house.opened()
    answer = web.get(f"/d/{page.slug}/export/{name}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == EXPORTS[name].media_type
    assert answer.headers["access-control-allow-origin"] == "*"
    describes = f'<https://data.example.org/d/{page.slug}>; rel="describes"; type="text/html"'
    assert answer.headers["link"] == describes
    assert "10.5072/alpha" in answer.text


def test_negotiation_gives_the_export_with_its_own_address(house: House, web: TestClient) -> None:
    page = house.opened()
    tags = {web.get(f"/d/{page.slug}").headers["etag"]}
    for export in EXPORTS.values():
        answer = web.get(f"/d/{page.slug}", headers={"Accept": export.media_type})
        where = f"https://data.example.org/d/{page.slug}/export/{export.name}"
        assert answer.headers["content-location"] == where
        assert answer.headers["vary"] == "Accept"
        assert 'rel="cite-as"' in answer.headers["link"]
        assert "content-disposition" not in answer.headers
        assert answer.text == web.get(where).text
        tags.add(answer.headers["etag"])
    assert len(tags) == 1 + len(EXPORTS)


def test_a_header_on_several_lines_is_read_whole(house: House, web: TestClient) -> None:
    page = house.opened()
    accept = [("Accept", "image/png"), ("Accept", "application/ld+json")]
    answer = web.get(f"/d/{page.slug}", headers=accept)
    assert answer.headers["content-type"] == "application/ld+json"
    tags = [("If-None-Match", '"other"'), ("If-None-Match", answer.headers["etag"])]
    assert web.get(f"/d/{page.slug}", headers=accept + tags).status_code == 304


def test_all_forms_tell_the_same(house: House, web: TestClient) -> None:
    page = house.opened()

    def form(name: str) -> str:
        return web.get(f"/d/{page.slug}/export/{name}").text

    by_json = datacite_json.from_rest(json.loads(form("datacite.json")))
    by_xml, problems = datacite_xml.parse(form("datacite.xml").encode())
    assert not problems
    assert by_xml is not None
    assert by_xml.model_copy(update={"url": by_json.url}) == by_json
    assert by_json.url == f"https://data.example.org/d/{page.slug}"
    linked, csl = json.loads(form("schemaorg")), json.loads(form("csl"))
    assert linked["name"] == csl["title"] == by_json.main_title
    assert linked["@id"] == csl["id"] == "https://doi.org/10.5072/alpha"


def test_an_unknown_export_is_404(house: House, web: TestClient) -> None:
    assert web.get(f"/d/{house.opened().slug}/export/word").status_code == 404
