"""Folders in custody on their whole way, with a service that dies at any step: one DOI, every
file with its hash, no folder in two places, former permissions when it is given back."""

from __future__ import annotations

import pytest
from custody_house import house_for, modes, plan, sums

from excudit.service import fixity, queries, verbs
from excudit.testing.crash import PHASES
from house import CURATOR, OWNER, until

# the instants at which most can go wrong; the whole matrix is for `make test-all`
SAMPLE = {("claim", "effect"), ("publish.curated", "effect")}
CRASHES = [
    pytest.param(step.key, phase, marks=() if (step.key, phase) in SAMPLE else pytest.mark.slow)
    for name in ("take-in", "publish")
    for step in plan(name).steps
    for phase in PHASES
]


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox):
    made = house_for(tmp_path / "house", sqlite_url, registry, mailbox)
    yield made
    made.close()


def test_a_folder_that_is_taken_over_is_not_given_back_and_one_that_is_not_is():
    assert "release" not in [s.key for s in plan("publish").steps]
    assert [s.key for s in plan("publish", "kept-doi").steps][-1] == "release"
    assert plan("take-in").steps[0].as_data()["undo"] == "release"


@pytest.mark.parametrize(("step", "phase"), CRASHES)
def test_after_a_crash_there_is_one_doi_and_one_whole_folder(house, step, phase):
    before, folder = house.dois(), house.folder_of()
    had = sums(folder)
    house.serve(f"{step}:{phase}")
    asked = house.ask_for(folder)
    until(house.died, f"nothing died at {step}: {house.words(asked.id)}")
    house.published_once(asked.id, dois_before=before)
    assert house.stands(folder.name) == ["curated"]
    public = house.place / "curated" / folder.name
    assert sums(public) == had
    assert modes(public)["data/co2.csv"] == 0o644
    assert (public / "ro-crate-metadata.json").is_file()
    assert (public / "excudit-publication.json").is_file()


def test_a_folder_whose_data_stay_is_given_back_at_the_end(house):
    before, folder = house.dois(), house.folder_of()
    had, could = sums(folder), modes(folder)
    house.serve()
    asked = house.ask_for(folder, "kept-doi")
    house.published_once(asked.id, dois_before=before)
    assert house.stands(folder.name) == ["home"]
    assert (sums(folder), modes(folder)) == (had, could)


def test_returned_it_is_at_home_as_before_and_submitted_again_it_is_published(house):
    before, folder = house.dois(), house.folder_of()
    could = modes(folder)
    house.serve()
    asked = house.ask_for(folder, "kept-reviewed")
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    assert house.stands(folder.name) == ["staging"]
    assert modes(house.place / "staging" / folder.name)["data/co2.csv"] == 0o600
    verbs.turn_down(house.parts, CURATOR, asked.id, "return", "Please add a README.")
    assert house.still(asked.id).state == "changes_requested"
    assert house.stands(folder.name) == ["home"]
    assert modes(folder) == could
    (folder / "README.md").write_text("# Cruise\n")
    had = sums(folder)
    verbs.submit(house.parts, OWNER, asked.id)
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    verbs.approve(house.parts, CURATOR, asked.id)
    house.published_once(asked.id, dois_before=before)
    assert house.stands(folder.name) == ["curated"]
    assert sums(house.place / "curated" / folder.name) == had


SLOW = [pytest.param(way, marks=pytest.mark.slow) for way in ("cancel", "recall")]


@pytest.mark.parametrize("way", ["reject", *SLOW])
def test_turned_down_or_taken_back_it_is_given_back(house, way):
    folder = house.folder_of()
    had, could = sums(folder), modes(folder)
    house.serve()
    asked = house.ask_for(folder, "kept-reviewed")
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    if way == "reject":
        verbs.turn_down(house.parts, CURATOR, asked.id, way, "Not ours.")
    else:
        verbs.step_back(house.parts, OWNER, asked.id, way)
    house.still(asked.id)
    assert house.stands(folder.name) == ["home"]
    assert (sums(folder), modes(folder)) == (had, could)
    actions = [e["action"] for e in queries.timeline(house.parts, asked.id, CURATOR)]
    assert actions[-1] == "given_back"


@pytest.mark.slow
def test_an_old_place_that_is_taken_stops_for_a_person_and_goes_on_when_it_is_free(house):
    folder = house.folder_of()
    had = sums(folder)
    house.serve()
    asked = house.ask_for(folder, "kept-reviewed")
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    folder.mkdir()
    (folder / "other.txt").write_text("not ours")
    verbs.turn_down(house.parts, CURATOR, asked.id, "reject", "Not ours.")
    house.settled(asked.id, "needs_attention")
    assert sums(house.place / "staging" / folder.name) == had
    assert (folder / "other.txt").read_text() == "not ours"
    folder.rename(folder.with_name("other"))
    verbs.retry(house.parts, OWNER, asked.id)
    house.settled(asked.id, "idle")
    assert sums(folder) == had
    assert house.stands(folder.name) == ["home"]


def test_damage_on_the_shelf_is_told_once_and_its_end_too(house):
    before, folder = house.dois(), house.folder_of()
    house.serve()
    asked = house.ask_for(folder)
    house.published_once(asked.id, dois_before=before)
    house.stop()
    report = fixity.check(house.parts, "curated", actor=CURATOR, watch=Idle(), told=heard)
    assert (report.publications, report.files, report.damaged) == (1, 2, {})
    public = house.place / "curated" / folder.name / "data" / "co2.csv"
    content = public.read_bytes()
    public.write_bytes(b"rotten")
    for _ in range(2):
        found = fixity.check(house.parts, "curated", actor=CURATOR, watch=Idle(), told=heard)
        assert found.damaged == {asked.id: 1}
    assert house.get(asked.id).health == "out_of_sync"
    public.write_bytes(content)
    assert not fixity.check(house.parts, "curated", actor=CURATOR, watch=Idle(), told=heard).damaged
    assert house.get(asked.id).health == "idle"
    actions = [e["action"] for e in queries.timeline(house.parts, asked.id, CURATOR)]
    assert [actions.count(a) for a in ("fixity", "out_of_sync", "solved")] == [4, 1, 1]
    kinds = [m["kind"] for m in queries.sent_mails(house.parts, asked.id, CURATOR)]
    assert (kinds.count("out_of_sync") >= 1, kinds.count("solved") >= 1) == (True, True)
    (last,) = fixity.last(house.parts)
    assert (last.report["files"], last.waiting) == (2, False)
    assert fixity.due(house.parts) == []
    fixity.ask(house.parts, CURATOR, "curated")
    assert fixity.due(house.parts) == ["curated"]


class Idle:
    """Nobody stops it."""

    def progress(self, done, total, unit):
        """Nobody follows it."""

    def stop(self):
        return False


def heard(publication, problems):
    """Nobody listens."""
