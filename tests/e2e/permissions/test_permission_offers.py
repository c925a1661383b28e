"""A page offers exactly what its reader may do: no button that is refused, none missing."""

from __future__ import annotations

import re

import pytest

from excudit.domain.lifecycle import State
from permission_calls import Call
from permission_house import PERSONS, SOME_FIRST, Person, Place, seen, verdict
from permission_trying import Trying

OVERVIEW = {
    # action: where its button, link or form leads
    "submit": "/submit",
    "edit": "/edit",
    "delete": "/delete",
    "approve": "/review",
    "recall": "/recall",
    "cancel": "/cancel",
    "publish": "/publish",
    "amend": "/amend",
    "new_version": "/new-version",
    "withdraw": "/withdraw",
    "suggest": "/suggest",
    "decide": "/suggestions",
    "assign": "/assign",
    "label": "/label",
    "collaborate": "/collaborators#form",
    "preview": "/previews",
    "schedule": "/schedule",
    "archive": "/archive",
    "copy": "/copy",
}
ABOUT_A_RUN = {"stop": "/stop", "retry": "/retry"}
REVIEW = {
    "approve": "/approve",
    "return": "/return",
    "reject": "/reject",
    "assign": "/assign",
    "label": "/label",
    "suggest": "/suggest",
    "comment": "/review#form",
}


UNPRESSABLE = re.compile(r"<form[^>]*>(?:(?!</form>).)*aria-disabled(?:(?!</form>).)*</form>", re.S)


def offered(page: str, publication: str) -> set[str]:
    """Where the links and forms of a page lead, below the publication."""
    here = f"/publications/{publication}"
    pressable = UNPRESSABLE.sub("", page)
    links = re.findall(rf'href="{here}(/[^"?#]*)', pressable)
    forms = re.findall(rf'action="{here}(/[^"?#]*)', pressable)
    own = {f"{path}#form" for path in forms}
    return {f"/{path.split('/')[1]}" for path in (*links, *forms)} | own


def wrong_on(
    page: str, publication: str, actions: dict[str, str], state: State, person: Person, run: str
) -> list[str]:
    """Offers that the tables do not make, and those that they make and the page does not."""
    found = offered(page, publication)
    problems = []
    for action, path in actions.items():
        allowed = verdict(action, state, person.roles(), run=run).status == 200
        if (path in found) != allowed:
            word = "is missing" if allowed else "stands there"
            problems.append(f"{action} {word} for {person} in {state} (run: {run or 'none'})")
    return problems


@pytest.mark.parametrize("state", SOME_FIRST)
@pytest.mark.parametrize(("path", "actions"), [("", OVERVIEW), ("/review", REVIEW)])
def test_a_page_offers_exactly_what_is_allowed(
    trying: Trying, place: Place, state: State, path: str, actions: dict[str, str]
) -> None:
    wrong = []
    for person in PERSONS:
        if seen(state, person.roles()):
            found = place.placed(state, person)
            call = Call("GET", f"/publications/{{publication}}{path}", "view")
            page = trying.call(call, person.name, found)
            assert page.status_code == 200
            wrong += wrong_on(page.text, found, actions, state, person, "")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", ["submitted", "publishing", "published"])
@pytest.mark.parametrize("run", ["running", "parked", "past_final"])
def test_a_run_offers_to_stop_and_to_retry_exactly_when_it_can_be(
    trying: Trying, place: Place, state: State, run: str
) -> None:
    wrong = []
    call = Call("GET", "/publications/{publication}", "view")
    for person in PERSONS:
        if seen(state, person.roles()):
            found = place.placed(state, person, run=run)
            page = trying.call(call, person.name, found).text
            wrong += wrong_on(page, found, OVERVIEW | ABOUT_A_RUN, state, person, run)
    assert not wrong, "\n".join(wrong)


def test_an_archived_publication_offers_to_be_shown_again(trying: Trying, place: Place) -> None:
    owner = Person("nora", "owner")
    found = place.placed("published", owner)
    archive = Call("POST", "/publications/{publication}/archive", "archive")
    assert trying.call(archive, "nora", found).status_code == 303
    page = trying.call(Call("GET", "/publications/{publication}", "view"), "nora", found).text
    assert "/unarchive" in offered(page, found)
    assert "/archive" not in offered(page, found)
