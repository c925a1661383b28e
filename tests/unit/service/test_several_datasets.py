"""Several datasets in one publication: folders, freezing, comparing, custody, prefilling."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excudit.domain.errors import Conflict, Drifted, NotFound, Rejected, Unavailable
from excudit.domain.model import Actor, Claim, manifest_digest
from excudit.domain.publication import Part
from excudit.engine.step import Call
from excudit.service import actions, beginnings, selection, verbs
from excudit.service.merged import merged
from excudit.service.prefill import origins
from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings
from excudit.store import baskets, publications, snapshots
from excudit.store.baskets import Picked
from excudit.store.database import Database
from web_house import RECORD, furnished, prepare

ADA = Actor("ada", frozenset(), "ada@example.org")
ORCID = RECORD["creators"][0]["nameIdentifiers"]


@pytest.fixture
def home(sqlite_url):
    """The service of the web tests, whose shelf is folders on a disk."""
    database = Database(sqlite_url)
    prepare(database)
    house = furnished(database)
    house.token("ada")
    yield house
    database.close()


@pytest.fixture
def cruises(home, tmp_path):
    """Three folders whose names sort otherwise with "/" than without."""
    root = tmp_path / "data"
    for name in ("cruise", "cruise-2", "cruise.old"):
        (root / name / "raw").mkdir(parents=True)
        (root / name / "raw" / "b.csv").write_text(f"{name},1\n")
        (root / name / "z.txt").write_text("z")
        told = {**RECORD, "titles": [{"title": name.title()}]}
        (root / name / "datacite.json").write_text(json.dumps(told))
    source = FolderSource("shelf", FolderSettings(roots=[root]), Site())
    object.__setattr__(home.parts, "sources", {"shelf": source})
    return [str(root / name) for name in ("cruise", "cruise-2", "cruise.old")]


def call(subject, step="freeze", told=None):
    return Call(
        run="r",
        subject=subject,
        step=step,
        args={},
        target="",
        attempt=1,
        undoing=False,
        asked_to_stop=lambda: False,
        report=lambda *progress: told.append(progress) if told is not None else None,
    )


def frozen_paths(house, publication):
    with house.parts.database.read() as connection:
        found = publications.get(connection, publication)
        frozen = snapshots.get(connection, found.snapshot)
    return frozen, [f.path for f in snapshots.StoredFiles(house.parts.database, frozen)]


def test_the_files_of_each_stand_in_a_folder_of_its_own_in_the_order_of_bytes(home, cruises):
    made = verbs.create(home.parts, ADA, "to-doi", cruises)
    told = []
    actions.freeze(home.parts, call(made.id, told=told))
    frozen, paths = frozen_paths(home, made.id)
    assert len(paths) == frozen.files == 9
    assert paths == sorted(paths, key=str.encode)
    assert {p.partition("/")[0] for p in paths} == {"cruise", "cruise-2", "cruise.old"}
    done = [amount for amount, _, _ in told]
    assert done == sorted(done), "progress goes on from dataset to dataset"


def test_reference_and_revision_of_several_are_made_from_those_of_each(home, cruises):
    made = verbs.create(home.parts, ADA, "to-doi", cruises)
    first = selection.described(home.parts, made.parts)
    again = selection.described(home.parts, made.parts)
    assert json.loads(first.ref) == cruises
    assert first.revision == again.revision
    assert manifest_digest(first.files) == manifest_digest(again.files)


def test_one_dataset_alone_keeps_its_paths_digest_reference_and_revision(home, cruises):
    made = verbs.create(home.parts, ADA, "to-doi", cruises[:1])
    own = home.parts.sources["shelf"].describe(cruises[0])
    actions.freeze(home.parts, call(made.id))
    frozen, paths = frozen_paths(home, made.id)
    assert paths == ["datacite.json", "raw/b.csv", "z.txt"]
    assert (frozen.ref, frozen.revision) == (own.ref, own.revision)
    assert frozen.manifest_digest == manifest_digest(own.files)


def test_drift_in_any_dataset_is_found_with_its_folder(home, cruises, tmp_path):
    made = verbs.create(home.parts, ADA, "to-doi", cruises)
    actions.freeze(home.parts, call(made.id))
    frozen, _ = frozen_paths(home, made.id)
    with home.parts.database.write() as connection:
        publications.change(connection, made.id, approved_digest=frozen.digest)
    actions.compare(home.parts, call(made.id, "compare"))
    (tmp_path / "data" / "cruise.old" / "raw" / "b.csv").write_text("changed\n")
    with pytest.raises(Drifted) as raised:
        actions.compare(home.parts, call(made.id, "compare"))
    assert [p.where for p in raised.value.problems] == ["cruise.old/raw/b.csv"]


def test_what_is_wrong_in_all_datasets_is_told_at_once(home, cruises, tmp_path):
    made = verbs.create(home.parts, ADA, "to-doi", cruises)
    for name in ("cruise", "cruise.old"):
        (tmp_path / "data" / name / "out").symlink_to("/etc")
    with pytest.raises(Rejected) as raised:
        actions.freeze(home.parts, call(made.id))
    assert sorted(p.where for p in raised.value.problems) == ["cruise.old/out", "cruise/out"]


def test_a_folder_is_chosen_once_however_its_path_is_written(home, cruises):
    with pytest.raises(Rejected, match="1 of 3"):
        verbs.create(home.parts, ADA, "to-doi", [*cruises[:2], cruises[0] + "/"])


def test_a_path_of_the_manifest_leads_back_to_its_dataset(cruises):
    parts = [Part("shelf", ref) for ref in cruises]
    assert selection.within(parts, "cruise-2/raw/b.csv") == (parts[1], "raw/b.csv")
    with pytest.raises(NotFound):
        selection.within(parts, "elsewhere/b.csv")


@given(st.lists(st.tuples(st.text(max_size=120), st.text(max_size=40)), min_size=2, max_size=12))
def test_folders_are_safe_unique_on_any_file_system_and_always_the_same(pairs):
    parts = [Part("shelf", ref, title) for ref, title in pairs]
    found = selection.folders(parts)
    assert found == selection.folders(parts)
    assert len({f.casefold() for f in found}) == len(parts)
    for folder in found:
        assert folder.endswith("/")
        name = folder[:-1]
        assert name
        assert not name.startswith(".")
        assert all(c.isalnum() or c in "._-" for c in name)
        assert len(name.encode()) <= 90


class Keeper:
    """Custody of two datasets, of which one gives trouble."""

    name = "shelf"

    def __init__(self, trouble=""):
        self.trouble = trouble
        self.held = set()
        self.reports = []

    def claim(self, ref, *, key):
        if ref == self.trouble:
            raise Conflict(f"{ref} is held.")
        self.held.add(ref)
        return Claim(self.name, ref, key)

    def release(self, claim):
        if claim.ref == self.trouble:
            raise Unavailable(f"{claim.ref} cannot be reached.")
        self.held.discard(claim.ref)

    def report(self, ref, outcome, *, key):
        self.reports.append(ref)


def kept(home, trouble):
    made = verbs.create(home.parts, ADA, "to-doi", ["alpha", "beta"])
    keeper = Keeper(trouble)
    object.__setattr__(home.parts, "sources", {"shelf": keeper})
    return made, keeper


def test_a_claim_that_fails_halfway_is_given_back_as_a_whole(home):
    made, keeper = kept(home, "beta")
    with pytest.raises(Conflict):
        actions.claim(home.parts, call(made.id, "claim"))
    assert keeper.held == {"alpha"}
    keeper.trouble = ""
    actions.release(home.parts, call(made.id, "claim"))
    assert keeper.held == set()


def test_one_that_cannot_be_given_back_keeps_no_other(home):
    made, keeper = kept(home, "")
    actions.claim(home.parts, call(made.id, "claim"))
    keeper.trouble = "alpha"
    with pytest.raises(Unavailable):
        actions.release(home.parts, call(made.id, "claim"))
    assert keeper.held == {"alpha"}
    keeper.trouble = ""
    actions.release(home.parts, call(made.id, "claim"))
    assert keeper.held == set()


def test_what_several_say_is_united_without_repetition():
    ada = {"name": "Lovelace, Ada", "affiliation": [{"name": "Here"}]}
    with_id = {"name": "Lovelace, A.", "nameIdentifiers": ORCID}
    first = {"creators": [ada, with_id], "subjects": [{"subject": "Sea"}], "language": "en"}
    second = {
        "creators": [{"name": "lovelace,  ada"}, {"name": "Carberry", "nameIdentifiers": ORCID}],
        "subjects": [{"subject": "sea"}, {"subject": "ice"}],
        "fundingReferences": [{"funderName": "DFG", "awardNumber": "1"}],
        "language": "de",
        "identifiers": [{"identifier": "x"}],
    }
    offer = merged([first, second, second])
    assert [c["name"] for c in offer["creators"]] == ["Lovelace, Ada", "Lovelace, A."]
    assert [s["subject"] for s in offer["subjects"]] == ["Sea", "ice"]
    assert len(offer["fundingReferences"]) == 1
    assert "language" not in offer
    assert "identifiers" not in offer


def test_each_prefilled_value_tells_where_it_came_from_until_it_is_changed(home):
    made = verbs.create(home.parts, ADA, "to-doi", ["alpha", "beta"])
    told = origins(home.parts, made)
    assert told["/titles/0"] == "From alpha and 1 more"
    assert told["/creators/0"] == "From alpha and 1 more"
    # What all say alike and the service would have chosen, too, came from them.
    assert told["/publicationYear"] == "From alpha and 1 more"
    other = {"name": "New, Person"}
    record = {**made.record, "creators": [other, *made.record["creators"]], "language": "nb"}
    told = origins(home.parts, replace(made, record=record))
    assert "/creators/0" not in told
    assert told["/creators/1"] == "From alpha and 1 more"
    assert "/language" not in told


def test_long_lists_are_traced_as_a_whole(home):
    crowd = [{"name": f"Person {i}"} for i in range(10_000)]
    made = verbs.create(home.parts, ADA, "to-doi", "alpha", record={**RECORD, "creators": crowd})
    copied = verbs.copy(home.parts, ADA, made.id)
    told = origins(home.parts, copied)
    assert told["/creators"] == f"From the publication “{made.title}”"
    assert len(told) < 30


def test_no_more_than_a_thousand_datasets_and_none_twice(home):
    for refs in ([], ["alpha", "alpha"], [f"r{i}" for i in range(1001)]):
        with pytest.raises(Rejected) as raised:
            verbs.create(home.parts, ADA, "to-doi", refs)
        assert raised.value.hint


class Private:
    """A shelf on which Ada sees one dataset only."""

    def __init__(self, shelf):
        self._shelf = shelf

    def __getattr__(self, name):
        return getattr(self._shelf, name)

    def sees(self, ref, *, actor):
        return ref == "alpha"


def test_what_one_may_not_see_is_not_there(home):
    object.__setattr__(home.parts, "sources", {"shelf": Private(home.shelf)})
    verbs.create(home.parts, ADA, "to-doi", "alpha")
    with pytest.raises(NotFound, match="that you may see"):
        verbs.create(home.parts, ADA, "to-doi", "beta")
    with pytest.raises(Rejected, match="1 of 2"):
        verbs.create(home.parts, ADA, "to-doi", ["alpha", "beta"])
    object.__setattr__(home.parts, "sources", {"shelf": home.shelf})
    seen_once = verbs.create(home.parts, ADA, "to-doi", "beta")
    object.__setattr__(home.parts, "sources", {"shelf": Private(home.shelf)})
    with pytest.raises(NotFound, match="that you may see"):
        verbs.copy(home.parts, ADA, seen_once.id)
    source = home.parts.source("shelf")
    assert beginnings.sees(source, Actor("excudit", frozenset({"service"})), "beta")


def test_the_datasets_leave_the_basket_with_the_draft_or_not_at_all(home):
    with home.parts.database.write() as connection:
        baskets.add(connection, "ada", [Picked("shelf", r, r) for r in ("alpha", "beta", "gone")])
    with pytest.raises(Rejected):
        verbs.create(home.parts, ADA, "to-doi", ["alpha", "gone"], from_basket=True)
    with home.parts.database.read() as connection:
        assert baskets.count(connection, "ada") == 3
    verbs.create(home.parts, ADA, "to-doi", ["alpha", "beta"], from_basket=True)
    with home.parts.database.read() as connection:
        assert [p.ref for p in baskets.page(connection, "ada")] == ["gone"]


def test_a_new_version_has_the_same_datasets_in_the_same_folders(home, cruises):
    made = verbs.create(home.parts, ADA, "to-doi", cruises)
    with home.parts.database.write() as connection:
        publications.change(connection, made.id, state="published")
    following = verbs.new_version(home.parts, ADA, made.id)
    assert selection.folders(following.parts) == selection.folders(made.parts)
    assert origins(home.parts, following)["/titles/0"].startswith("From the publication")
