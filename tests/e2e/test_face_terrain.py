"""The face of a data commons, called as its own clients call it, with the service at work."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from excudit.store import users
from house import House, until
from open_places import new_open_place

MORE = """
[sources.commons]
kind = "folder"
roots = ["{place}/home"]
homes = true
staging = "{place}/staging"
curated = "{place}/curated"
template = "datacite"
[targets.shelf]
kind = "shelf"
root = "{place}/curated"
[routes.permanent-id]
source = "commons"
targets = ["shelf", "datacite"]
review = "one"
words = "permanent-id"
"""
PEOPLE = {"ada": [], "bob": [], "cuno": ["curator"]}
DETAILS = {"id", "type", "original_path", "requested_by", "history", "folder"}


def avu(name: str, value: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"attr": name, "value": value, "unit": "", "avus": list(children)}


SOUND = [
    avu("title", "Leaves under drought"),
    avu("creator", "Carberry, Josiah", avu("affiliation", "Example Institute")),
    avu("publisher", "CyVerse Data Commons"),
    avu("resourceType", "Spectra", avu("resourceTypeGeneral", "Dataset")),
    avu("description", "Spectra of leaves.", avu("descriptionType", "Abstract")),
    *(avu("subject", s) for s in ("sorghum", "drought", "reflectance")),
    avu("rights", "CC0"),
]


class Commons:
    """A data commons with homes, and the clients of its people."""

    def __init__(self, house: House, place: Path) -> None:
        self.house, self.place = house, place
        self.tokens: dict[str, str] = {}
        with house.parts.database.write() as connection:
            for name, roles in PEOPLE.items():
                users.put(connection, name, email=f"{name}@example.org", roles=roles)
                self.tokens[name] = users.issue_token(connection, name, "test", None)[1]
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{house.port}/terrain")

    def call(self, name: str, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        answer = self.client.request(method, path, headers=headers, **more)
        assert answer.status_code == status, answer.text
        plain = answer.headers["content-type"].startswith("text/plain")
        return answer.text if plain else answer.json()

    def folder(self, name: str, owner: str = "ada", document: Any = None) -> str:
        """A folder with a file in somebody's home and its metadata; its id."""
        home = self.place / "home" / owner / name
        home.mkdir(parents=True)
        (home / "leaves.csv").write_text("leaf,nm\n1,550\n")
        data_id = self.data_id(owner, home)
        if document is None or document:
            body = {"avus": SOUND if document is None else document, "irods-avus": []}
            self.call(owner, "POST", f"/filesystem/{data_id}/metadata", json=body)
        return data_id

    def data_id(self, name: str, path: Path) -> str:
        told = self.call(name, "POST", "/filesystem/stat", json={"paths": [str(path)]})
        return str(told["paths"][str(path)]["id"])

    def ask(self, data_id: str, owner: str = "ada", status: int = 200) -> Any:
        body = {"type": "DOI", "folder": data_id}
        return self.call(owner, "POST", "/permanent-id-requests", json=body, status=status)

    def reviewed(self, key: str) -> None:
        until(lambda: self.house.get(key).state == "in_review", self.house.words(key))


@pytest.fixture(scope="module")
def commons(tmp_path_factory, registry, mailbox) -> Iterator[Commons]:
    place = new_open_place()
    for name in ("home/ada", "home/bob", "staging", "curated"):
        (place / name).mkdir(parents=True)
    folder = tmp_path_factory.mktemp("commons") / "house"
    house = House(folder, "sqlite", registry, mailbox, more=MORE.format(place=place))
    house.serve()
    yield Commons(house, place)
    house.close()
    shutil.rmtree(place, ignore_errors=True)


def test_a_request_goes_from_the_home_to_the_curated_space(commons: Commons) -> None:
    before = int(time.time() * 1000)
    data_id = commons.folder("Ada_leafSpectra_2026")
    made = commons.ask(data_id)
    key = made["id"]
    assert set(made) == DETAILS
    assert made["requested_by"]["username"] == "ada"
    assert [h["status"] for h in made["history"]] == ["Submitted"]
    assert before <= made["history"][0]["status_date"] < before + 600_000
    commons.reviewed(key)

    row = next(r for r in commons.call("ada", "GET", "/permanent-id-requests")["requests"])
    assert (row["id"], row["status"], row["requested_by"]) == (key, "Submitted", "ada")
    assert row["folder"]["path"] == str(commons.place / "staging" / "Ada_leafSpectra_2026")
    assert row["folder"]["id"] == data_id
    assert row["folder"]["permission"] == "read"
    assert "permanent_id" not in row
    assert not (commons.place / "home/ada/Ada_leafSpectra_2026").exists()

    path = f"/admin/permanent-id-requests/{key}"
    note = {"status": "Evaluation", "comments": "I look at it."}
    told = commons.call("cuno", "POST", f"{path}/status", json=note)
    assert [(h["status"], h.get("comments")) for h in told["history"]][1:] == [
        ("Evaluation", None),
        ("Evaluation", "I look at it."),
    ]
    own = commons.call("cuno", "POST", f"{path}/status", json={"status": "Waits for the lab"})
    assert own["history"][-1]["status"] == "Waits for the lab"
    codes = commons.call("ada", "GET", "/permanent-id-requests/status-codes")["status_codes"]
    assert "Waits for the lab" in {c["name"] for c in codes}
    xml = commons.call("cuno", "GET", f"{path}/preview-submission")
    assert "<creatorName>Carberry, Josiah</creatorName>" in xml.replace(' nameType="Personal"', "")
    assert commons.call("ada", "GET", f"/permanent-id-requests/{key}/preview-submission") == xml

    commons.call("cuno", "POST", f"{path}/ezid")
    until(lambda: commons.house.get(key).state == "published", commons.house.words(key))
    commons.house.still(key)
    done = commons.call("ada", "GET", f"/permanent-id-requests/{key}")
    assert done["history"][-1]["status"] == "Completion"
    assert done["permanent_id"] == commons.house.detail(key)["doi"]
    shelved = commons.place / "curated" / "Ada_leafSpectra_2026"
    assert done["folder"]["path"] == str(shelved)
    assert (shelved / "leaves.csv").read_text() == "leaf,nm\n1,550\n"
    written = json.loads((shelved / "excudit-metadata.json").read_text())["avus"]
    told_back = {a["attr"]: a["value"] for a in written}
    assert told_back["identifier"] == done["permanent_id"]
    again = commons.call("cuno", "POST", f"{path}/doi", status=400)
    assert again["error_code"] == "ERR_BAD_REQUEST"
    assert again["permanent-id"] == done["permanent_id"]
    assert commons.house.desk.counts(commons.house.account.symbol)["findable"] >= 1


def test_a_request_is_sent_back_and_comes_again_or_is_rejected(commons: Commons) -> None:
    data_id = commons.folder("Ada_roots_2026")
    key = commons.ask(data_id)["id"]
    commons.reviewed(key)
    path = f"/admin/permanent-id-requests/{key}"
    pending = {"status": "Pending", "comments": "Please add a README."}
    told = commons.call("cuno", "POST", f"{path}/status", json=pending)
    assert told["history"][-1]["comments"] == "Please add a README."
    home = commons.place / "home/ada/Ada_roots_2026"
    until(home.exists, "the folder is not given back")
    commons.house.still(key)
    (home / "README.md").write_text("Roots of maize.\n")
    assert commons.ask(data_id)["id"] == key
    commons.reviewed(key)
    rejected = commons.call("cuno", "POST", f"{path}/status", json={"status": "Rejected"})
    assert rejected["history"][-1]["status"] == "Rejected"
    assert rejected["history"][-1]["comments"] == "No reason was given"
    until(home.exists, "the folder is not given back")
    commons.house.still(key)
    assert commons.ask(data_id)["id"] != key


def test_all_mistakes_of_the_metadata_are_told_at_once_and_nothing_is_moved(
    commons: Commons,
) -> None:
    wrong = [a for a in SOUND if a["attr"] != "rights"]
    wrong.append(avu("contributor", "A foundation", avu("contributorType", "Funder")))
    data_id = commons.folder("Ada_wrong_2026", document=wrong)
    told = commons.ask(data_id, status=400)
    assert told["error_code"] == "ERR_BAD_REQUEST"
    assert told["reason"] == "The folder's metadata has 2 problems."
    assert {(p["pointer"], p["rule"]) for p in told["problems"]} == {
        ("/avus", "required"),
        (f"/avus/{len(wrong) - 1}/avus/0/value", "vocabulary"),
    }
    assert (commons.place / "home/ada/Ada_wrong_2026").exists()
    empty = commons.ask(commons.folder("Ada_nothing_2026", document=[]), status=400)
    assert empty["reason"] == "No metadata found for Permanent ID Request."
    given = [*SOUND, avu("identifier", "10.5072/x", avu("identifierType", "DOI"))]
    has_one = commons.ask(commons.folder("Ada_given_2026", document=given), status=400)
    assert "already contains a Permanent Identifier" in has_one["reason"]


def test_what_is_not_possible_says_so_in_the_commons_own_codes(commons: Commons) -> None:
    data_id = commons.folder("Ada_twice_2026")
    key = commons.ask(data_id)["id"]
    assert commons.ask(data_id, status=400)["error_code"] == "ERR_NOT_UNIQUE"
    commons.reviewed(key)
    taken = commons.ask(commons.folder("Ada_twice_2026", owner="bob"), owner="bob", status=400)
    assert (taken["error_code"], taken["reason"]) == (
        "ERR_EXISTS",
        "A folder with this name has already been submitted for a Permanent ID request.",
    )
    assert commons.ask(str(uuid.uuid4()), status=404)["error_code"] == "ERR_NOT_FOUND"
    ark = {"type": "ARK", "folder": data_id}
    told = commons.call("ada", "POST", "/permanent-id-requests", json=ark, status=400)
    assert told["request-type"] == "ARK"
    for body in ({}, {"type": "DOI"}, {"type": 3, "folder": data_id}, {"other": "x"}):
        told = commons.call("ada", "POST", "/permanent-id-requests", json=body, status=400)
        assert told["error_code"] == "ERR_ILLEGAL_ARGUMENT"
    for query in ("limit=0", "offset=-1", "sort-field=size", "sort-dir=down"):
        told = commons.call("ada", "GET", f"/permanent-id-requests?{query}", status=400)
        assert told["error_code"] == "ERR_ILLEGAL_ARGUMENT"
    path = f"/admin/permanent-id-requests/{key}"
    told = commons.call("cuno", "POST", f"{path}/status", json={"status": "Failed"}, status=409)
    assert told["error_code"] == "ERR_CONFLICT"


def test_strangers_and_others_learn_nothing(commons: Commons) -> None:
    key = commons.ask(commons.folder("Ada_private_2026"))["id"]
    for method, path in (
        ("GET", "/permanent-id-requests"),
        ("GET", f"/admin/permanent-id-requests/{key}"),
        ("POST", f"/admin/permanent-id-requests/{key}/doi"),
    ):
        assert commons.call("", method, path, status=401)["error_code"] == "ERR_NOT_AUTHORIZED"
    for path in ("", f"/{key}", f"/{key}/preview-submission"):
        commons.call("ada", "GET", f"/admin/permanent-id-requests{path}", status=403)
    for path in ("status", "doi", "ezid"):
        commons.call("ada", "POST", f"/admin/permanent-id-requests/{key}/{path}", status=403)
    told = commons.call("bob", "GET", f"/permanent-id-requests/{key}", status=404)
    assert (told["user"], told["id"]) == ("bob", key)
    assert commons.call("bob", "GET", "/permanent-id-requests")["total"] == 0
    place = commons.place / "home/ada/Ada_private_2026"
    body = {"paths": [str(place)]}
    commons.call("bob", "POST", "/filesystem/stat", json=body, status=404)
    commons.reviewed(key)


def test_lists_are_sorted_paged_and_filtered(commons: Commons) -> None:
    keys = [commons.ask(commons.folder(f"Bob_list{n}_2026", owner="bob"), owner="bob")["id"]
            for n in range(3)]  # fmt: skip
    for key in keys:
        commons.reviewed(key)
    listed = "/permanent-id-requests"

    def ids(query: str) -> list[str]:
        return [r["id"] for r in commons.call("bob", "GET", f"{listed}{query}")["requests"]]

    assert ids("") == keys[::-1]
    assert ids("?sort-field=date_submitted") == keys
    assert ids("?sort-field=date_submitted&sort-dir=DESC&limit=1&offset=1") == [keys[1]]
    assert commons.call("bob", "GET", f"{listed}?limit=1&offset=9")["total"] == 3
    assert ids("?statuses=Completion,Failed") == []
    assert len(ids("?statuses=Completion&statuses=Submitted")) == 3
    every = commons.call(
        "cuno", "GET", f"/admin{listed}?statuses=Submitted&sort-field=requested_by"
    )
    assert {r["requested_by"] for r in every["requests"]} >= {"bob"}


def test_the_template_and_the_documents_are_told(commons: Commons) -> None:
    head = commons.call("ada", "GET", "/filesystem/metadata/templates")["metadata_templates"][0]
    whole = commons.call("ada", "GET", f"/filesystem/metadata/template/{head['id']}")
    title = next(a for a in whole["attributes"] if a["name"] == "title")
    assert (title["required"], title["type"]) == (True, "Text")
    commons.call("ada", "GET", "/filesystem/metadata/template/none", status=404)
    data_id = commons.folder("Ada_template_2026")
    more = {"avus": [avu("version", "2")]}
    commons.call("ada", "POST", f"/filesystem/{data_id}/metadata/add", json=more)
    told = commons.call("ada", "GET", f"/filesystem/{data_id}/metadata")
    assert told["avus"][-1]["value"] == "2"
    assert told["path"].endswith("Ada_template_2026")
    bad = {"avus": [{"attr": ""}]}
    commons.call("ada", "POST", f"/filesystem/{data_id}/metadata", json=bad, status=400)
    assert commons.call("ada", "GET", f"/filesystem/{data_id}/metadata") == told
