"""The command line as an operator uses it: every verb, in words and in JSON."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from excudit.cli import main
from forked import Forked
from house import RECORD, free_port, until

EXCUDIT = Path(sys.executable).with_name("excudit")


def command(words, environment):
    """The command line in a process of its own that has read the product already: most of these
    tests are many short commands. The demos below start the real one."""
    os.environ.update(environment)
    main(words, prog_name="excudit")


@pytest.fixture
def cli(house, tmp_path):
    """Runs a command on the house; a JSON answer when the status is as expected."""
    numbers = itertools.count(1)

    def run(*words, status=0, config=None, **environment):
        said, errors = (tmp_path / f"{name}-{next(numbers)}" for name in ("said", "errors"))
        words = ["--config", str(config or house.config), *map(str, words)]
        code = Forked(command, words, environment, log=said, errors=errors).wait(120)
        out, err = said.read_text(), errors.read_text()
        assert code == status, out + err
        assert "Traceback" not in err, err
        return json.loads(out) if "--json" in words else out + err

    return run


def still(house, cli, key):
    """The publication once nothing runs, as the command tells it."""
    house.still(key)
    return cli("status", key, "--json")


def test_a_publication_goes_its_whole_way_by_commands(house, cli):
    house.serve()
    place = house.dataset()
    told = cli("submit", "folder-doi", place)
    assert "Published" in told
    assert "Look at datacite as a stranger" in told
    (row,) = cli("list", "--json")
    key = row["id"]
    assert (row["state"], row["health"]) == ("published", "idle")
    shown = cli("show", key, "--json")
    assert {f["path"] for f in shown["files_shown"]} == {"data/co2.csv", "datacite.json"}
    assert [e["action"] for e in shown["events"]][:2] == ["create", "submit"]
    assert "History" in cli("show", key)
    again = cli("submit", "folder-doi", place, status=1)
    assert "already published" in again
    assert f"new-version {key}" in again

    better = house.folder / "better.yaml"
    better.write_text(yaml.safe_dump({**RECORD, "version": "1.0.1"}))
    cli("amend", key, better, "--reason", "a typing error", "--json")
    assert still(house, cli, key)["record"]["version"] == "1.0.1"
    newer = cli("new-version", key, "--json")
    assert (newer["version"], newer["state"]) == (2, "draft")
    (related,) = newer["record"]["relatedIdentifiers"]
    assert related["relationType"] == "IsNewVersionOf"
    assert related["relatedIdentifier"] == shown["doi"]
    assert cli("cancel", newer["id"], "--json")["state"] == "cancelled"
    cli("withdraw", key, "--reason", "wrong calibration", "--json")
    assert still(house, cli, key)["state"] == "withdrawn"
    lines = cli("export").splitlines()
    actions = [json.loads(line)["action"] for line in lines if json.loads(line)]
    assert actions[-1] == "tombstone"


def test_a_reviewed_request_is_decided_by_commands_of_somebody_else(house, cli):
    house.serve()
    asked = house.ask("reviewed")
    still(house, cli, asked.id)
    returned = cli("return", asked.id, "--reason", "which units?", "--json")
    assert returned["state"] == "changes_requested"
    record = house.folder / "mended.json"
    record.write_text(json.dumps({**RECORD, "sizes": ["2 files"]}))
    assert cli("edit", asked.id, record, "--json")["record"]["sizes"] == ["2 files"]
    cli("submit", "reviewed", "-", "--again", asked.id, "--json")
    assert cli("approve", asked.id, "--json")["state"] == "approved"
    cli("publish", asked.id, "--json")
    assert still(house, cli, asked.id)["state"] == "published"


def test_what_is_not_possible_now_is_refused_in_a_sentence(house, cli):
    house.serve()
    asked = house.ask("reviewed")
    still(house, cli, asked.id)
    refused = cli("publish", asked.id, "--json", status=1)
    assert refused["error"]["kind"] == "Conflict"
    assert "possible in Approved; this is In review" in refused["error"]["message"]
    assert "a reason" in cli("reject", asked.id, "--reason", " ", status=1)
    assert "no publication" in cli("status", "nobody", status=1)
    assert "folder-doi, reviewed" in cli("submit", "nowhere", house.folder, status=1)


def test_users_get_tokens_that_are_shown_once(house, cli):
    cli("user", "add", "ada", "--email", "ada@example.org", "--role", "curator")
    made = cli("token", "create", "ada", "--json")
    assert made["token"].startswith("exc_")
    (listed,) = cli("token", "list", "--json")
    assert made["token"] not in json.dumps(listed)
    cli("token", "revoke", made["id"])
    assert cli("token", "list", "--json")[0]["revoked_at"]
    assert "no user" in cli("token", "create", "nobody", status=1)


def test_the_doctor_finds_what_is_wrong_and_says_how_to_mend_it(house, cli):
    assert cli("doctor", "--json")["well"]
    (house.folder / "password").write_text("wrong")
    sick = cli("doctor", "--json", status=1)
    assert not sick["well"]
    assert any(p["where"].startswith("/targets/datacite") for p in sick["problems"])
    assert all(p.get("mend") for p in sick["problems"])
    (house.folder / "password").unlink()
    assert "password" in cli("doctor", status=1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[site]", "[sight]"), "sight"),
        (('source = "folders"', 'source = "shelves"'), "shelves"),
        (('kind = "datacite"', 'kind = "datasight"'), "kind 'datasight'. Installed kinds: "),
        (('prefix = "10.14454"', 'prefix = "ten"'), "prefix"),
        (("[site]", "[site"), "cannot be read"),
    ],
)
def test_a_broken_configuration_is_told_with_its_place(house, cli, change, words):
    broken = house.folder / "broken.toml"
    broken.write_text(house.config.read_text().replace(*change))
    assert words in cli("doctor", status=1, config=broken)


def test_init_writes_a_configuration_and_sets_the_database_up_twice(tmp_path, cli):
    config = tmp_path / "excudit.toml"
    config.write_text(f'[service]\ndata_dir = "{tmp_path}/state"\n')
    assert not cli("init", "--json", config=config)["written"]
    cli("init", config=config)
    assert (tmp_path / "state" / "excudit.db").is_file()
    assert "Nothing can be published yet" in cli("doctor", config=config)


def test_a_plan_shows_every_step_and_what_takes_it_back(house, cli):
    told = cli("plan", "show", "folder-doi", "--json")
    keys = [s["key"] for s in told["steps"]]
    assert keys[0] == "freeze"
    assert "publish.datacite" in keys
    for plan in told["plans"]:
        for step in plan["steps"]:
            assert len({"undo", "undone_by", "final", "harmless"} & set(step)) == 1
    assert "no way back" in cli("plan", "show", "folder-doi")
    assert "no route" in cli("plan", "show", "nowhere", status=1)


def test_check_tells_all_problems_at_once(tmp_path, cli):
    folder = tmp_path / "dataset"
    folder.mkdir()
    record = {**RECORD, "publicationYear": 99999, "creators": [{"nameType": "Robot"}]}
    (folder / "datacite.yaml").write_text(yaml.safe_dump(record))
    told = cli("check", folder, "--json", status=1)
    assert not told["valid"]
    places = {p["where"] for p in told["problems"] if p["severity"] == "error"}
    assert {"/publicationYear", "/creators/0/nameType"} <= places
    (folder / "datacite.yaml").write_text(yaml.safe_dump(RECORD))
    assert cli("check", folder, "--json")["valid"]
    assert "nothing" in cli("check", tmp_path / "nothing", status=1)
    os.mkfifo(tmp_path / "pipe.json")
    assert "regular file" in cli("check", tmp_path / "pipe.json", status=1)


def demo(folder, *words):
    """A demo at work in `folder`; the caller ends it."""
    command = [str(EXCUDIT), "demo", "--json", *map(str, words)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **pipes)


def played(folder, *words, status=0):
    """What a demo told at its end."""
    running = demo(folder, "--exit", *words)
    out, err = running.communicate(timeout=120)
    assert running.returncode == status, out + err
    assert "Traceback" not in err, err
    return json.loads(out)


def sound(folder):
    """A folder with an odd name, a file and no metadata."""
    place = folder / "Träume & 😀"
    place.mkdir()
    (place / "a.csv").write_text("depth,temperature\n5,8.1\n")
    return place.name


@pytest.mark.slow
def test_a_demo_publishes_a_folder_without_metadata_by_its_relative_path(tmp_path):
    told = played(tmp_path, sound(tmp_path))
    assert (told["state"], told["health"], told["files"]) == ("published", "idle", 1)
    assert told["deposits"] == {"datacite": 1}


def test_a_demo_of_broken_metadata_tells_the_problems_and_goes_on_when_they_are_mended(tmp_path):
    name = sound(tmp_path)
    record = tmp_path / name / "datacite.yaml"
    record.write_text("titles: 3\n")
    told = played(tmp_path, name, status=1)
    assert told["state"] == "changes_requested"
    assert "/titles" in {p["where"] for p in told["error"]["problems"]}
    record.write_text(yaml.safe_dump(RECORD))
    mended = played(tmp_path, name)
    assert (mended["state"], mended["publication"]) == ("published", told["publication"])


def test_a_demo_that_is_killed_or_interrupted_goes_on_to_one_doi(tmp_path):
    name = sound(tmp_path)
    ready = tmp_path / "demo-data" / "service.lock"
    running = demo(tmp_path, name)
    until(ready.exists, "the demo starts no service")
    # As a terminal does: to the whole group.
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, "Traceback" in err) == (130, False), err
    assert "goes on where this stood" in err
    running = demo(tmp_path, name)
    until(lambda: (tmp_path / "demo-data" / "excudit.db").exists(), "no database")
    running.kill()
    running.communicate(timeout=60)
    assert played(tmp_path, name)["deposits"] == {"datacite": 1}


def test_one_folder_has_one_demo_at_a_time(tmp_path):
    name = sound(tmp_path)
    first = demo(tmp_path, name)
    until((tmp_path / "demo-data" / "service.lock").exists, "the demo starts no service")
    assert "Another demo runs" in played(tmp_path, name, status=1)["error"]["message"]
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)


def test_a_demo_refuses_what_it_would_clear_or_publish_of_itself(tmp_path):
    name = sound(tmp_path)
    assert "lies in the dataset" in played(tmp_path, ".", status=1)["error"]["message"]
    within = played(tmp_path / name, ".", "--dir", "..", status=1)["error"]["message"]
    assert "which the demo clears" in within
    assert "not a demo's" in played(tmp_path, "--dir", name, status=1)["error"]["message"]
    (tmp_path / "empty").mkdir()
    assert "is empty" in played(tmp_path, "empty", status=1)["error"]["message"]
    assert [p.name for p in (tmp_path / name).iterdir()] == ["a.csv"]


def test_the_sandbox_tells_its_addresses_as_one_line(tmp_path):
    options = ("--port", "--resolver-port", "--smtp-port", "--mailbox-port")
    words = [word for option in options for word in (option, str(free_port()))]
    command = [str(EXCUDIT), "sandbox", "--json", *words]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        addresses = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    assert set(addresses) == {"registry", "resolver", "mailbox", "smtp_port"}


def test_several_references_become_one_publication(house, cli):
    one, two = house.dataset(), house.dataset()
    made = cli("submit", "reviewed", one, two, "--draft", "--json")
    assert [d["ref"] for d in made["datasets"]] == [str(one), str(two)]
    twice = cli("submit", "reviewed", one, f"{one}/", "--draft", status=1)
    assert "chosen twice" in twice
