"""What mails say: one table of events, a text and an HTML twin, safe with any words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import meta

from excudit.domain.events import MAILED
from excudit.service.mail import COMMON, EVENTS, compose
from excudit.service.mail.words import HTML
from excudit.settings import Site

SITE = Site(name="excudit", base_url="https://publish.example.org/", contact="data@example.org")
EVERY = pytest.mark.parametrize("event", EVENTS)
# facts of the mail table that users were promised
SUBJECTS = {
    "submitted": "Submitted: {title}",
    "returned": "Changes needed: {title}",
    "comment": "Question about {title}",
    "approved": "Approved: {title}",
    "rejected": "Not accepted: {title}",
    "published": "Published: {title} – {doi}",
    "failed_before_publication": "Publication stopped: {title}",
    "failed_at_final_step": "Waiting at {target}: {title}",
    "out_of_sync": "Published, but record incomplete: {title}",
    "reminder": "Waiting for you: {title}",
    "withdrawn": "Withdrawn: {title}",
}


def context(event: str, **changes: Any) -> dict[str, Any]:
    keys = (*COMMON, *EVENTS[event].keys)
    return {key.name: key.example for key in keys} | changes


def least(event: str, **changes: Any) -> dict[str, Any]:
    keys = (*COMMON, *EVENTS[event].keys)
    return {key.name: key.example for key in keys if key.required} | changes


def mail(event: str, values: dict[str, Any]) -> Any:
    return compose(event, values, site=SITE, recipient="ada@example.org")


class Page(HTMLParser):
    """The words, links and tags of an HTML part, as a reader's program sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words.append(data)


@EVERY
def test_both_parts_say_what_happened_first_then_the_link_and_the_contact(event: str) -> None:
    made = mail(event, context(event))
    first = made.text.splitlines()[0]
    who = "Ada Lovelace" if "by" in context(event) else "excudit"
    assert first.startswith(who)
    assert "CO2 in the North Atlantic" in first
    page = Page(made.html)
    for words in ("CO2 in the North Atlantic", "data@example.org", "because you are the depositor"):
        assert words in made.text
        assert words in page.text
    link = "https://publish.example.org/publications/0195a1"
    assert link in made.text
    assert link in page.links


@EVERY
def test_the_twins_say_the_same(event: str) -> None:
    made = mail(event, context(event))
    page = Page(made.html)
    for part in re.findall(r"[\w–-]{3,}", made.text.replace(">", " ").replace("<", " ")):
        assert part in page.text + " ".join(page.links), part


@EVERY
def test_needs_no_optional_key_and_then_leaves_no_gap(event: str) -> None:
    values = least(event)
    values |= {"yours": False} if "yours" in values else {}
    text = mail(event, values).text
    assert "\n\n\n" not in text
    assert "None" not in text
    assert not re.search(r"(?m)^\w[\w ]*: *$", text)


@EVERY
def test_subjects_are_those_of_the_table(event: str) -> None:
    values = context(event)
    template = SUBJECTS.get(event, EVENTS[event].subject)
    assert mail(event, values).subject == template.format_map(values)


def test_a_publication_without_doi_has_no_dash_in_its_subject() -> None:
    assert mail("published", least("published")).subject.endswith("cruise 2025-03")


def test_every_mail_that_an_event_causes_exists() -> None:
    assert {kind for kind in MAILED.values() if kind} <= set(EVENTS)


@EVERY
def test_templates_use_documented_keys_only(event: str) -> None:
    assert HTML.loader is not None
    source, _, _ = HTML.loader.get_source(HTML, f"{event}.j2")
    known = {key.name for key in (*COMMON, *EVENTS[event].keys)} | {"site", "layout", "page"}
    assert meta.find_undeclared_variables(HTML.parse(source)) <= known


def test_tells_all_missing_and_all_unknown_keys_at_once() -> None:
    with pytest.raises(ValueError, match=r"lacks: link, why; does not know: secret_token"):
        mail("solved", {"title": "T", "what": "All is well.", "secret_token": "t0k3n"})


def test_an_unknown_event_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no mail for 'sumbitted'; there are: submitted, "):
        mail("sumbitted", {})


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/publications/1",
        "//evil.example/x",
        "javascript:alert(1)",
        "/publications/1?token=s3cret",
        "/publications/1?action=approve",
        "/a b",
        "publications/1",
    ],
)
def test_refuses_a_link_that_leaves_the_site_or_carries_a_token(link: str) -> None:
    with pytest.raises(ValueError, match="without a query"):
        mail("solved", context("solved", link=link))


def test_takes_a_link_with_the_sites_own_address() -> None:
    made = mail("solved", context("solved", link="https://publish.example.org/p/1#thread"))
    assert "https://publish.example.org/p/1#thread" in made.text


def test_a_place_that_is_no_web_address_is_named_without_a_link() -> None:
    places = ({"name": "Shelf", "url": "javascript:alert(1)"},)
    made = mail("published", context("published", places=places))
    assert "Shelf: javascript:alert(1)" in made.text
    assert not [link for link in Page(made.html).links if link.startswith("javascript")]


def test_words_of_strangers_never_become_markup() -> None:
    evil = '<img src=x onerror=alert(1)>"&amp;{{ 7*7 }}'
    made = mail("returned", context("returned", title=evil, by=evil, reason=evil, why=evil))
    assert "img" not in Page(made.html).tags
    assert Page(made.html).text.count(evil) >= 4
    assert evil in made.text
    assert "49" not in made.html


def test_a_title_cannot_start_a_new_header_or_line() -> None:
    title = "Nice\r\nBcc: all@example.org\u2028X: y\x00\x0b\x85Z"
    made = mail("submitted", context("submitted", title=title))
    assert made.subject == "Submitted: Nice Bcc: all@example.org X: y Z"
    assert "“Nice Bcc: all@example.org X: y Z”" in made.text.splitlines()[0]


def test_a_reason_keeps_its_lines_but_cannot_pose_as_the_mail() -> None:
    made = mail("returned", context("returned", reason="one\n\n-- \nApproved: it is public"))
    assert "> one\n>\n> --\n> Approved: it is public\n" in made.text


def test_names_written_right_to_left_do_not_turn_the_sentence_round() -> None:
    made = mail("approved", context("approved", by="عائشة", title="מים 🌊"))
    assert made.text.startswith("\u2068عائشة\u2069 approved “\u2068מים 🌊\u2069”.")
    assert "<bdi>عائشة</bdi>" in made.html
    assert made.subject == "Approved: מים 🌊"


def test_direction_overrides_are_taken_out() -> None:
    made = mail("approved", context("approved", title="invoice\u202efdp.exe\u2066x"))
    assert made.subject == "Approved: invoicefdp.exex"


def test_emoji_sequences_stay_whole_and_lone_surrogates_become_readable() -> None:
    made = mail("approved", context("approved", title="👩🏽‍🔬 \udce9"))
    assert made.subject == "Approved: 👩🏽‍🔬 \ufffd"
    made.text.encode()


def test_a_very_long_title_is_cut_in_the_subject_only() -> None:
    title = "水" * 4000
    made = mail("submitted", context("submitted", title=title))
    assert len(made.subject) < 200
    assert made.subject.endswith("…")
    assert title in made.text


def test_times_are_given_with_their_zone() -> None:
    since = datetime(2026, 12, 24, 9, 5, tzinfo=UTC)
    assert "24 December 2026, 09:05 UTC" in mail("reminder", context("reminder", since=since)).text
    with pytest.raises(ValueError, match="no zone"):
        mail("reminder", context("reminder", since=datetime(2026, 12, 24)))  # noqa: DTZ001


def test_the_doi_links_to_its_resolver() -> None:
    made = mail("published", context("published", doi='10.5072/a<b>"c'))
    assert "https://doi.org/10.5072/a%3Cb%3E%22c" in Page(made.html).links


def test_says_what_became_of_each_draft() -> None:
    text = mail("failed_before_publication", context("failed_before_publication")).text
    assert "Nothing is public. The draft at Zenodo was removed. The draft at DataCite" in text
    assert "> 503 upstream down" in text


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=200), by=st.text(max_size=80), reason=st.text(max_size=300))
def test_any_text_gives_a_mail(title: str, by: str, reason: str) -> None:
    made = mail("returned", context("returned", title=title, by=by, reason=reason))
    assert "\n" not in made.subject
    assert "script" not in Page(made.html).tags
    (made.subject + made.text + made.html).encode()
