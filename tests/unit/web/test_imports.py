"""Importing metadata from a file, by a DOI, from an earlier publication: seen, then done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.sandbox.datacite import Registry
from excudit.service import imports, verbs
from excudit.store import publications
from excudit.web import create_app
from registries import PASSWORD, REPO, VARIABLE, snapshot_of, target_for
from web_house import RECORD, House

ADA = Actor("ada", frozenset(), "ada@example.org")
DRAFT = {"titles": [{"title": "Mine"}], "language": "de", "doi": "10.5072/mine"}


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry(accounts=(REPO,), mode="thread", index_lag_s=0) as running:
        yield running


@pytest.fixture
def ada(house: House) -> tuple[dict[str, str], str]:
    return house.signed_in("ada")


@pytest.fixture
def draft(house: House, ada: tuple[dict[str, str], str]) -> Publication:
    return verbs.create(house.parts, ADA, "to-doi", "alpha", record=DRAFT)


def stands(house: House, draft: Publication) -> dict:
    with house.parts.database.read() as connection:
        return dict(publications.get(connection, draft.id).record)


class Browser:
    """Ada's browser on the import pages of her draft."""

    def __init__(self, web: TestClient, ada: tuple[dict[str, str], str], draft: Publication):
        self.web, (self.headers, self.csrf), self.draft = web, ada, draft
        self.path = f"/publications/{draft.id}/import"

    def look(self, **fields):
        file = fields.pop("file", None)
        return self.web.post(
            self.path,
            data={"csrf": self.csrf, **fields},
            files={"file": file} if file else None,
            headers=self.headers,
        )

    def save(self, page: str, **fields):
        hidden = dict(re.findall(r'type="hidden" name="(packed|edition)" value="([^"]*)"', page))
        data = {"csrf": self.csrf, "how": "replace", **hidden, **fields}
        return self.web.post(
            f"{self.path}/save", data=data, headers=self.headers, follow_redirects=False
        )


@pytest.fixture
def browser(web: TestClient, ada: tuple[dict[str, str], str], draft: Publication) -> Browser:
    return Browser(web, ada, draft)


def as_file(record: dict = RECORD, name: str = "record.json") -> tuple[str, bytes]:
    return name, json.dumps(record).encode()


def test_a_file_is_shown_field_by_field_and_changes_nothing_yet(browser, house, draft):
    page = browser.look(**{"from": "file"}, file=as_file())
    assert page.status_code == 200
    for words in ("record.json", "Carberry, Josiah", "stays as it is now", "filled", "Mine"):
        assert words in page.text
    assert stands(house, draft) == DRAFT


def test_replacing_takes_what_the_import_has_and_keeps_the_rest(browser, house, draft):
    imported = {**RECORD, "doi": "10.5072/theirs", "url": "https://example.org/theirs"}
    page = browser.look(**{"from": "file"}, file=as_file(imported))
    done = browser.save(page.text, relation="IsDerivedFrom")
    assert done.status_code == 303
    after = stands(house, draft)
    assert after["titles"] == RECORD["titles"]
    assert after["language"] == "en"
    assert after["doi"] == "10.5072/mine"
    assert "url" not in after
    assert after["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "10.5072/theirs",
            "relatedIdentifierType": "DOI",
            "relationType": "IsDerivedFrom",
        }
    ]


def test_filling_leaves_everything_that_was_typed(browser, house, draft):
    page = browser.look(**{"from": "file"}, file=as_file())
    assert browser.save(page.text, how="fill").status_code == 303
    after = stands(house, draft)
    assert (after["titles"], after["language"]) == (DRAFT["titles"], "de")
    assert after["creators"] == RECORD["creators"]


def test_the_page_can_be_sent_once(browser, house, draft):
    page = browser.look(**{"from": "file"}, file=as_file())
    assert browser.save(page.text).status_code == 303
    again = browser.save(page.text)
    assert again.status_code == 409
    assert "changed meanwhile" in again.text
    assert "<title>Error: " in again.text


def test_a_change_of_somebody_else_is_shown_before_it_is_overwritten(browser, house, draft):
    page = browser.look(**{"from": "file"}, file=as_file())
    verbs.edit(house.parts, ADA, draft.id, {"titles": [{"title": "Theirs"}]})
    answer = browser.save(page.text)
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert stands(house, draft) == {"titles": [{"title": "Theirs"}]}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xml", b"<resource>\n<x></resource>", "Line 2"),
        ("a.json", b'{\n"titles": [\n}', "Line 3"),
        ("a.json", b"[]", "no DataCite record in JSON"),
        ("a.bin", b"\x00\xff", "UTF-8"),
        ("a.json", b"", "not JSON"),
        ("<b>.json", b"{}", "&lt;b&gt;.json"),
    ],
)
def test_a_wrong_file_is_refused_with_all_its_problems(browser, name, content, words):
    page = browser.look(**{"from": "file"}, file=(name, content))
    assert page.status_code == 422
    assert words in page.text
    assert "<title>Error: Import metadata" in page.text


def test_no_file_and_a_forged_form_are_refused(browser):
    assert "No file was chosen" in browser.look(**{"from": "file"}).text
    browser.csrf = "x"
    assert browser.look(**{"from": "file"}, file=as_file()).status_code == 403


def test_every_record_of_datacite_can_be_imported(shared: Path):
    kinds = ("xml", "json")
    files = [p for kind in kinds for p in (shared / "data/datacite" / kind).rglob("*-*.*")]
    assert len(files) > 20
    for path in filter(Path.is_file, files):
        offer = imports.from_file(path.read_bytes(), path.name)
        assert offer.record["titles"], path
        assert not {"doi", "url", "schemaVersion"} & offer.record.keys()


def test_a_saved_answer_of_the_api_can_be_imported():
    answer = {
        "data": {"id": "10.5072/x", "type": "dois", "attributes": {**RECORD, "doi": "10.5072/x"}}
    }
    offer = imports.from_file(json.dumps(answer).encode(), "answer.json")
    assert offer.doi == "10.5072/x"
    assert offer.record["language"] == "en"


@pytest.fixture
def looking_up(house: House, registry: Registry, description, ada, draft) -> Iterator[Browser]:
    """The same, with the sandbox's resolver and registry for the world's."""
    site = house.parts.settings.site.model_copy(
        update={
            "doi_lookup": registry.resolver_url,
            "doi_hosts": [registry.api_url.removeprefix("http://")],
        }
    )
    settings = house.parts.settings.model_copy(update={"site": site})
    app = create_app(replace(house.parts, settings=settings))
    with TestClient(app, base_url="https://data.example.org") as client:
        yield Browser(client, ada, draft)


@pytest.fixture
def published(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    target = target_for(registry)
    snapshot = snapshot_of(target)
    deposit = target.reserve(snapshot, key=snapshot.key)
    return target.publish(deposit, snapshot).doi


@pytest.mark.parametrize("form", ["{}", "https://doi.org/{}", "doi:{}", " HTTPS://DX.DOI.ORG/{} "])
def test_a_doi_in_any_form_is_looked_up(looking_up, house, draft, published, form):
    page = looking_up.look(**{"from": "doi"}, doi=form.format(published))
    assert page.status_code == 200, page.text
    assert f"https://doi.org/{published}" in page.text
    looking_up.save(page.text, relation="IsNewVersionOf")
    named = stands(house, draft)["relatedIdentifiers"][-1]
    assert (named["relatedIdentifier"], named["relationType"]) == (published, "IsNewVersionOf")


@pytest.mark.parametrize(
    ("doi", "status", "words"),
    [
        ("10.14454/nobody", 404, "Nobody knows the DOI"),
        ("hello", 422, "is no DOI"),
        ("", 422, "is no DOI"),
        ("10.5072/../../etc/passwd", 404, "Nobody knows the DOI"),
        ("https://169.254.169.254/10.5072/x", 422, "is no DOI"),
    ],
)
def test_what_cannot_be_looked_up_says_why(looking_up, doi, status, words):
    page = looking_up.look(**{"from": "doi"}, doi=doi)
    assert page.status_code == status
    assert words in page.text


def test_a_redirect_to_an_unknown_host_is_not_followed(looking_up, registry, published):
    hosts = looking_up.web.app.state.parts.settings.site.doi_hosts
    hosts[:] = ["api.datacite.org"]
    page = looking_up.look(**{"from": "doi"}, doi=published)
    assert page.status_code == 422
    assert "is not one that this site asks" in page.text


def test_without_a_network_it_says_so_and_what_to_do(looking_up, registry, published):
    parts = looking_up.web.app.state.parts
    site = parts.settings.site.model_copy(update={"doi_lookup": "http://127.0.0.1:9"})
    settings = parts.settings.model_copy(update={"site": site})
    looking_up.web.app.state.parts = replace(parts, settings=settings)
    page = looking_up.look(**{"from": "doi"}, doi=published)
    assert page.status_code == 503
    assert "cannot reach the resolver now" in page.text
    assert "upload" in page.text


def test_an_earlier_publication_of_ones_own_can_be_copied(browser, house, draft):
    earlier = verbs.create(house.parts, ADA, "to-doi", "beta", record={**RECORD, "doi": "10.1/x"})
    assert earlier.id in browser.web.get(browser.path, headers=browser.headers).text
    page = browser.look(**{"from": "publication"}, publication=earlier.id)
    assert browser.save(page.text).status_code == 303
    assert stands(house, draft)["creators"] == RECORD["creators"]
    assert stands(house, draft)["doi"] == "10.5072/mine"


def test_what_others_prepare_cannot_be_copied(browser, house):
    theirs = verbs.create(house.parts, Actor("eve"), "to-doi", "beta", record=RECORD)
    hidden = browser.look(**{"from": "publication"}, publication=theirs.id)
    absent = browser.look(**{"from": "publication"}, publication=theirs.id[:-1] + "x")
    assert hidden.status_code == absent.status_code == 404
    assert "Carberry" not in hidden.text


@pytest.mark.parametrize("how", ["get", "look", "save"])
def test_strangers_find_no_import_page(house, web, draft, how):
    eve = Browser(web, house.signed_in("eve"), draft)
    answer = {
        "get": lambda: web.get(eve.path, headers=eve.headers),
        "look": lambda: eve.look(**{"from": "file"}, file=as_file()),
        "save": lambda: eve.save("", packed="x"),
    }[how]()
    assert answer.status_code == 404
    assert "Mine" not in answer.text


def test_what_is_no_draft_takes_no_import(browser, house, draft):
    with house.parts.database.write() as connection:
        publications.change(connection, draft.id, state="in_review")
    page = browser.web.get(browser.path, headers=browser.headers)
    assert page.status_code == 409


@pytest.mark.parametrize("packed", ["", "x", "eJwDAAAAAAE=", "eJyrrgUAAXUA+Q=="])
def test_a_broken_page_changes_nothing(browser, house, draft, packed):
    answer = browser.save("", packed=packed, edition="1")
    assert answer.status_code == 422
    assert "Import it once more" in answer.text
    assert stands(house, draft) == DRAFT


def test_nul_and_half_signs_are_refused_with_words(browser, house, draft):
    bad = {**RECORD, "titles": [{"title": "a\ud800b"}]}
    page = browser.look(**{"from": "file"}, file=as_file(bad))
    assert page.status_code == 422
    packed = imports.packed(imports.Offer({"titles": [{"title": "\x00"}]}, "x"))
    answer = browser.save("", packed=packed, edition="1")
    assert answer.status_code == 422
    assert "NUL" in answer.text


def test_a_record_is_imported_whole_however_long_it_is(browser, house, draft):
    many = {**RECORD, "creators": [{"name": f"Person, Number {n}"} for n in range(10_000)]}
    page = browser.look(**{"from": "file"}, file=as_file(many))
    assert browser.save(page.text).status_code == 303
    assert len(stands(house, draft)["creators"]) == 10_000
