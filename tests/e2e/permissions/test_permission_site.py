"""What is done with the site, by every role, and by tokens of every scope."""

from __future__ import annotations

import pytest

from excudit.domain import permissions
from excudit.domain.lifecycle import State
from excudit.domain.permissions import SCOPES
from excudit.store import users
from permission_calls import ACCOUNT_CALLS, API_ACTIONS, SITE_CALLS, Call
from permission_house import ROLES, Person, Place, Watch, verdict
from permission_trying import Trying

FINE = (200, 201, 202, 204, 303)


def held(name: str) -> set[str]:
    """An account's roles, wherever they count."""
    return {role.partition(":")[0] for role in ROLES[name]}


def test_every_row_of_the_table_has_a_page_and_a_call() -> None:
    for row in permissions.SITE:
        ways = [c.is_api for c in SITE_CALLS if c.needs == f"site:{row}"]
        assert True in ways, row
        assert False in ways, row


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("call", SITE_CALLS, ids=str)
def test_the_site_is_for_the_roles_of_its_table(
    trying: Trying, place: Place, watch: Watch, call: Call, name: str
) -> None:
    found = place.placed("published", Person(name, "owner"))
    if "spare" in call.query:
        trying.call(Call("POST", "/labels", "", {"name": "spare"}), "cora")
    before = watch.now()
    answer = trying.call(call, name, found)
    if held(name) & permissions.SITE[call.needs.removeprefix("site:")]:
        assert answer.status_code in (call.statuses or FINE), answer.text
    else:
        assert answer.status_code == 403, answer.text
        assert watch.now() == before


@pytest.mark.parametrize("call", ACCOUNT_CALLS, ids=str)
def test_what_everybody_may_needs_no_role(trying: Trying, call: Call) -> None:
    for name in ("nora", "adam"):
        answer = trying.call(call, name)
        assert answer.status_code in (call.statuses or FINE), answer.text


def test_nobody_plans_decisions_on_what_they_do_not_see(
    trying: Trying, place: Place, watch: Watch
) -> None:
    hidden = place.placed("in_review", Person("nora", "owner"))
    before = watch.now()
    for action in ("approve", "reject", "assign", "label"):
        ask = {"action": action, "publications": [hidden]}
        answer = trying.call(Call("POST", "/api/v1/bulks", "", ask), "elke")
        assert answer.status_code == 404
        assert watch.now() == before
        trying.call(Call("POST", "/queue/bulk", "", {"action": action, "chosen": hidden}), "elke")
        page = trying.call(Call("GET", "/queue", ""), "elke").text
        assert "Sea surface" not in page


SCOPED = (*((scope,) for scope in SCOPES), ("write", "review"), ("write", "operate"), tuple(SCOPES))
HOLDERS = (
    Person("nora", "owner"),
    Person("rita", "stranger"),
    Person("cora", "stranger"),
    Person("cora", "owner"),
    Person("adam", "stranger"),
)


@pytest.fixture(scope="module")
def tokens(place: Place) -> dict[tuple[str, tuple[str, ...]], dict[str, str]]:
    """Everybody's tokens of every set of scopes."""
    made = {}
    with place.parts.database.write() as connection:
        for name in ROLES:
            for scopes in SCOPED:
                token = users.issue_token(connection, name, "test", None, scopes=scopes)[1]
                made[name, scopes] = {"Authorization": f"Bearer {token}"}
    return made


def narrowed(person: Person, scopes: tuple[str, ...]) -> frozenset[str]:
    """What counts towards a publication by a token of these scopes."""
    own = {"owner", "collaborator"} & person.roles()
    return permissions.within(person.roles() - own, scopes) | own


@pytest.mark.parametrize("state", ["in_review", "published"])
@pytest.mark.parametrize("scopes", SCOPED, ids=" ".join)
def test_a_token_does_what_its_scopes_say(
    trying: Trying,
    place: Place,
    watch: Watch,
    tokens: dict[tuple[str, tuple[str, ...]], dict[str, str]],
    scopes: tuple[str, ...],
    state: State,
) -> None:
    wrong = []
    for person in HOLDERS:
        headers, roles = tokens[person.name, scopes], narrowed(person, scopes)
        found = place.placed(state, person)
        before = watch.now()
        for call in API_ACTIONS:
            said = verdict(call.needs, state, roles).status
            reads = call.method == "GET"
            status = said if permissions.scope_for(call.method) in scopes else 403
            if status == 200 and not (reads and call.main):
                continue
            answer = trying.call(call, person.name, found, headers=headers)
            if answer.status_code != status or watch.now() != before:
                wrong.append(
                    f"{call} by {person} with {scopes}: {answer.status_code}, not {status}"
                )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scopes", SCOPED, ids=" ".join)
def test_a_token_runs_the_site_only_by_its_scopes(
    trying: Trying,
    place: Place,
    tokens: dict[tuple[str, tuple[str, ...]], dict[str, str]],
    scopes: tuple[str, ...],
) -> None:
    for name in ("cora", "adam"):
        roles = permissions.within(held(name), scopes)
        for call in SITE_CALLS:
            if not call.is_api:
                continue
            unfit = permissions.scope_for(call.method) not in scopes
            refused = unfit or not roles & permissions.SITE[call.needs.removeprefix("site:")]
            if refused or call.method == "GET":
                answer = trying.call(call, name, headers=tokens[name, scopes])
                assert (answer.status_code == 403) == refused, (str(call), answer.text)
