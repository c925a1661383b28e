"""The landing page: what a stranger reads, and what a machine finds in it."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from excudit.domain.model import Deposit, FileEntry
from web_house import RECORD, House

NASTY = 'Over </script><script>alert("1")</script> & שלום עולם \u202e 🌊 \u2028 end'


def with_title(title: str) -> dict[str, Any]:
    record = copy.deepcopy(RECORD)
    record["titles"] = [{"title": title}]
    return record


def tree_of(text: str) -> Any:
    return html.fromstring(text)


def json_ld_of(text: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    found: dict[str, Any] = json.loads(block)
    return found


def test_shows_title_people_doi_licence_files_and_citation(house: House, web: TestClient) -> None:
    page = house.opened()
    answer = web.get(f"/d/{page.slug}")
    assert answer.status_code == 200
    tree = tree_of(answer.text)
    assert tree.xpath("string(//h1)") == "Sea surface temperature, station Alpha, 2024"
    links = set(tree.xpath("//main//a/@href"))
    assert {
        "https://doi.org/10.5072/alpha",
        "https://orcid.org/0000-0002-1825-0097",
        "https://ror.org/01hhn8329",
        "https://creativecommons.org/licenses/by/4.0/",
        "mailto:help@example.org",
        f"https://data.example.org/d/{page.slug}/export/bibtex",
    } <= links
    text = tree.text_content()
    for words in ("Josiah Carberry", "14 March 2026", "Metadata only", "sst/2024.csv", "ab" * 32):
        assert words in text
    assert tree.xpath("string(//blockquote)") == (
        "Carberry, Josiah (2026): Sea surface temperature, station Alpha, 2024. Version 1.0. "
        "Example Repository. (Dataset). https://doi.org/10.5072/alpha"
    )


def test_no_title_can_break_out_of_the_page(house: House, web: TestClient) -> None:
    page = house.opened(with_title(NASTY))
    text = web.get(f"/d/{page.slug}").text
    assert text.count("<script") == text.count("</script>") == 1
    assert json_ld_of(text)["name"] == NASTY
    tree = tree_of(text)
    assert tree.xpath("string(//h1)") == NASTY
    assert tree.xpath("//h1/@dir") == ["auto"]
    assert tree.xpath('//meta[@name="citation_title"]/@content') == [NASTY]


def test_links_only_to_http_and_https(house: House, web: TestClient) -> None:
    record = copy.deepcopy(RECORD)
    record["rightsList"] = [{"rights": "Odd", "rightsUri": "javascript:alert(1)"}]
    record["relatedIdentifiers"] = [
        {
            "relatedIdentifier": "data:text/html,x",
            "relatedIdentifierType": "URL",
            "relationType": "IsDerivedFrom",
        }
    ]
    answer = web.get(f"/d/{house.opened(record).slug}")
    assert "Odd" in answer.text
    assert "Is derived from" in answer.text
    assert not re.search(r'(href|content)="\s*(javascript|data):', answer.text)
    assert "javascript" not in answer.headers["link"]


def test_a_reserved_doi_stands_in_the_text_without_a_link(house: House, web: TestClient) -> None:
    page = house.opened(doi_state="draft", state="publishing", published_at=None)
    answer = web.get(f"/d/{page.slug}")
    assert answer.status_code == 200
    text = tree_of(answer.text).text_content()
    assert "10.5072/alpha" in text
    assert "Reserved – does not resolve yet" in text
    assert "https://doi.org/" not in "".join(tree_of(answer.text).xpath("//a/@href"))
    assert "cite-as" not in answer.headers["link"]
    assert answer.headers["x-robots-tag"] == "noindex"
    assert json_ld_of(answer.text)["@id"] == f"https://data.example.org/d/{page.slug}"


@pytest.mark.parametrize("path", ["/d/nowhere", "/d/%00", "/d/UPPER", "/d/a'b", "/d/x/export/ris"])
def test_unknown_pages_are_404_in_html(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is no such page" in answer.text


def test_a_draft_has_no_page_and_no_export(house: House, web: TestClient) -> None:
    page = house.opened(page_open=False, state="approved")
    assert web.get(f"/d/{page.slug}").status_code == 404
    assert web.get(f"/d/{page.slug}/export/datacite.json").status_code == 404


def test_an_old_version_points_to_the_newest(house: House, web: TestClient) -> None:
    old = house.opened()
    new = house.opened(previous=old, doi="10.5072/alpha2")
    assert "There is a newer version." in web.get(f"/d/{old.slug}").text
    newest = web.get(f"/d/{new.slug}").text
    assert "There is a newer version." not in newest
    assert f"https://data.example.org/d/{old.slug}" in newest


def test_a_withdrawn_version_is_not_offered_as_the_newest(house: House, web: TestClient) -> None:
    old = house.opened()
    new = house.opened(
        previous=old,
        doi="10.5072/alpha2",
        state="withdrawn",
        withdrawn_at=datetime(2026, 9, 3, tzinfo=UTC),
    )
    page = web.get(f"/d/{old.slug}").text
    assert "There is a newer version." not in page
    assert f"https://data.example.org/d/{new.slug}" in page
    links = tree_of(web.get("/").text).xpath("//ol//h2/a/@href")
    assert links == [f"https://data.example.org/d/{old.slug}"]


def test_many_files_come_page_by_page_and_none_is_lost(house: House, web: TestClient) -> None:
    files = [FileEntry(f"many/{i:04d}.dat", i, f"{i:064x}") for i in range(250)]
    page = house.opened(files=files)
    address: str | None = f"/d/{page.slug}"
    seen: list[str] = []
    while address:
        tree = tree_of(web.get(address).text)
        shown = tree.xpath("//tbody//th")
        assert 0 < len(shown) <= 100
        seen += [cell.text_content() for cell in shown]
        address = next(iter(tree.xpath('//a[@rel="next"]/@href')), None)
    assert seen == [f.path for f in files]


@pytest.mark.parametrize("after", ["-5", "abc", "9" * 40, "99999"])
def test_odd_file_positions_do_no_harm(house: House, web: TestClient, after: str) -> None:
    assert web.get(f"/d/{house.opened().slug}", params={"after": after}).status_code == 200


def test_a_publication_without_files_does_not_speak_of_them(house: House, web: TestClient) -> None:
    text = tree_of(web.get(f"/d/{house.opened(files=[]).slug}").text).text_content()
    assert "Metadata only." in text
    assert "0 files" not in text


def test_files_at_a_repository_make_it_open(house: House, web: TestClient) -> None:
    url = "https://repository.example.org/records/7"
    place = Deposit("repository", "k", "7", "published", url=url)
    text = web.get(f"/d/{house.opened(elsewhere=place).slug}").text
    assert "Open. The files are at" in text
    found = json_ld_of(text)
    assert found["sameAs"] == url
    assert found["conditionsOfAccess"].endswith("c_abf2")


@pytest.mark.parametrize("path", ["", "/export/datacite.xml", "/export/ris"])
def test_head_answers_as_get_does_without_a_body(house: House, web: TestClient, path: str) -> None:
    url = f"/d/{house.opened().slug}{path}"
    got, head = web.get(url), web.head(url)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


def test_the_same_etag_gives_304_with_its_headers(house: House, web: TestClient) -> None:
    url = f"/d/{house.opened().slug}"
    first = web.get(url)
    again = web.get(url, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["vary"] == "Accept"
    assert again.headers["etag"] == first.headers["etag"]


def test_headers_forbid_scripts_frames_and_sniffing(house: House, web: TestClient) -> None:
    for path in (f"/d/{house.opened().slug}", "/", "/nowhere", "/api/v1/routes", "/health"):
        headers = web.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        # Pages with a menu have scripts of ours, and no others.
        scripts = ("script-src 'self'",) if path == "/nowhere" else ()
        policy = headers["content-security-policy"].split("; ")
        assert tuple(p for p in policy if p.startswith("script-src")) == scripts
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "set-cookie" not in headers


def test_addresses_come_from_the_settings_not_from_the_caller(
    house: House, web: TestClient
) -> None:
    page = house.opened()
    answer = web.get(f"/d/{page.slug}", headers={"Host": "evil.example.com"})
    assert "evil.example.com" not in answer.text + answer.headers["link"]
    for path in (f"/d/{page.slug}/", "/api/v1/publications/", "/robots.txt/"):
        elsewhere = web.get(path, headers={"Host": "evil.example.com"}, follow_redirects=False)
        assert elsewhere.status_code == 404
        assert "location" not in elsewhere.headers


def test_signposting_names_doi_licence_author_and_exports(house: House, web: TestClient) -> None:
    page = house.opened()
    link = web.get(f"/d/{page.slug}").headers["link"]
    assert '<https://doi.org/10.5072/alpha>; rel="cite-as"' in link
    assert '<https://schema.org/Dataset>; rel="type"' in link
    assert '<https://orcid.org/0000-0002-1825-0097>; rel="author"' in link
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in link
    assert link.count('rel="describedby"') == 7


def test_the_link_header_stays_short_with_a_thousand_authors(house: House, web: TestClient) -> None:
    record = copy.deepcopy(RECORD)
    record["creators"] = [
        {
            "name": f"Person {i}",
            "nameIdentifiers": [
                {
                    "nameIdentifier": f"0000-0002-{i:04d}-0097",
                    "nameIdentifierScheme": "ORCID",
                }
            ],
        }
        for i in range(1000)
    ]
    answer = web.get(f"/d/{house.opened(record).slug}")
    assert len(answer.headers["link"]) <= 6000
    assert answer.text.count('rel="author"') == 1000
    tree = tree_of(answer.text)
    assert len(tree.xpath("//header/ul/li")) == 20
    assert len(tree.xpath("//header/details/ul/li")) == 980
    assert tree.xpath("string(//summary)") == "and 980 more"


def test_a_tombstone_keeps_name_and_citation_and_tells_why(house: House, web: TestClient) -> None:
    page = house.opened(
        doi_state="registered",
        state="withdrawn",
        withdrawn_at=datetime(2026, 9, 3, tzinfo=UTC),
        withdrawn_reason="Wrong <calibration>.",
    )
    answer = web.get(f"/d/{page.slug}")
    assert answer.status_code == 200
    tree = tree_of(answer.text)
    text = " ".join(tree.xpath("string(//main)").split())
    assert text.startswith("This dataset was withdrawn on 3 September 2026.")
    for words in ("Wrong <calibration>.", "10.5072/alpha", "Josiah Carberry", "How to cite"):
        assert words in text
    assert "sst/2024.csv" not in answer.text
    assert "mailto:help@example.org" in answer.text
    assert tree.xpath('//meta[@name="robots"]/@content') == ["noindex"]
    assert answer.headers["x-robots-tag"] == "noindex"
    assert 'rel="item"' not in answer.headers["link"]
    assert 'rel="cite-as"' in answer.headers["link"]
    found = json_ld_of(answer.text)
    assert found["creativeWorkStatus"] == "Withdrawn"
    assert "distribution" not in found
    assert web.get(f"/d/{page.slug}/export/datacite.json").status_code == 200


def test_the_start_page_lists_the_newest_versions(house: House, web: TestClient) -> None:
    assert "Nothing has been published here yet" in web.get("/").text
    old = house.opened()
    new = house.opened(with_title(NASTY), previous=old, doi="10.5072/alpha2")
    links = tree_of(web.get("/").text).xpath("//ol//h2/a")
    assert [a.get("href") for a in links] == [f"https://data.example.org/d/{new.slug}"]
    assert links[0].text_content() == NASTY


def test_every_page_is_marked_up_for_readers_of_all_kinds(house: House, web: TestClient) -> None:
    for path in (f"/d/{house.opened().slug}", "/", "/nowhere", "/problems/Rejected"):
        tree = tree_of(web.get(path).text)
        assert tree.get("lang") == "en"
        assert len(tree.xpath("//h1")) == 1
        assert tree.xpath("//body/a[1]/@href") == ["#main"]
        assert tree.xpath('//main[@id="main"]')
        identifiers = tree.xpath("//@id")
        assert len(identifiers) == len(set(identifiers))
        assert set(tree.xpath("//@aria-labelledby")) <= set(identifiers)
        assert not tree.xpath("//@style | //@onclick | //style | //iframe")


def test_static_files_and_robots_answer(web: TestClient) -> None:
    style = tree_of(web.get("/").text).xpath('//link[@rel="stylesheet"]/@href')[0]
    assert web.get(style).headers["content-type"].startswith("text/css")
    assert "immutable" in web.get(style).headers["cache-control"]
    assert web.get("/favicon.svg").headers["content-type"] == "image/svg+xml"
    assert "Disallow: /api/" in web.get("/robots.txt").text


def test_the_kinds_of_failure_have_a_page(web: TestClient) -> None:
    assert "Refused: there are problems to mend first." in web.get("/problems/Rejected").text
    assert web.get("/problems/Nothing").status_code == 404


def test_the_type_of_a_failure_leads_to_its_page(house: House, web: TestClient) -> None:
    ada = house.token("ada")
    for answer in (
        web.get("/api/v1/nowhere", headers=ada),
        web.get("/api/v1/routes"),
        web.patch("/api/v1/routes", headers=ada),
        web.get("/api/v1/publications?limit=0", headers=ada),
    ):
        page = web.get(answer.json()["type"])
        assert page.status_code == 200
        assert answer.json()["title"] in page.text


def test_every_public_page_leads_to_help_and_sign_in(house: House, web: TestClient) -> None:
    found = house.opened()
    for path in ("/", f"/d/{found.slug}", "/problems/Conflict"):
        page = web.get(path, headers={"accept": "text/html"}).text
        header = page[page.index("<header") : page.index("</header>")]
        assert 'href="/help"' in header
        assert 'href="/sign-in"' in header
    assert "<title>Published datasets – Example Repository</title>" in web.get("/").text
