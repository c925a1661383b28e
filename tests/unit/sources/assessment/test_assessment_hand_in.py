"""Assessments handed in: kept by content, fetched from CAT, and whose they are."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from excudit.domain.errors import Denied, NotFound, Rejected
from excudit.domain.model import Actor
from excudit.settings import Site
from excudit.sources.assessment import AssessmentSource
from excudit.sources.assessment.settings import AssessmentSettings

OWNER, SHARED, OTHER = Actor("u-owner-0001"), Actor("u-share-0002"), Actor("u-other-0005")


@pytest.fixture
def samples(shared):
    return shared / "data" / "assessment"


@pytest.fixture
def source(tmp_path):
    return AssessmentSource("assessments", AssessmentSettings(folder=tmp_path), Site())


@pytest.fixture
def document(samples):
    return (samples / "large-assessment.json").read_bytes()


@pytest.fixture
def people(samples):
    return (samples / "shared-users.json").read_bytes()


def test_what_was_handed_in_is_there_again_after_a_restart_byte_for_byte(
    source, tmp_path, document
):
    ref = source.receive({"document": document}, actor=OWNER).ref
    again = AssessmentSource("assessments", AssessmentSettings(folder=tmp_path), Site())
    files = {f.path: f for f in again.describe(ref).files}
    with again.open(ref, files["assessment.json"]) as stream:
        assert stream.read() == document


def test_the_same_again_changes_nothing(source, document):
    first = source.receive({"document": document}, actor=OWNER)
    assert source.receive({"document": document}, actor=OWNER) == first


def test_files_of_a_publication_under_way_stay_when_another_revision_comes(source, document):
    ref = source.receive({"document": document}, actor=OWNER).ref
    (old, *_) = source.describe(ref).files
    source.receive({"document": document.replace(b'"1.2"', b'"1.3"')}, actor=OWNER)
    assert source.describe(ref).files[0] != old
    with source.open(ref, old) as stream:
        assert stream.read() == document


def test_a_file_that_was_changed_on_its_disk_is_noticed(source, tmp_path, document):
    ref = source.receive({"document": document}, actor=OWNER).ref
    file = source.describe(ref).files[0]
    place = tmp_path / "blobs" / file.sha256[:2] / file.sha256
    place.write_bytes(document[:-1] + b" ")
    with pytest.raises(Rejected, match="changed on its disk"):
        source.describe(ref)


def test_problems_of_all_parts_are_told_together(source, samples):
    given = {
        "document": b'{"name": "x", "principles": []}',
        "rendering": (samples / "truncated.pdf").read_bytes(),
        "people": b'[{"name": "nobody"}]',
    }
    with pytest.raises(Rejected) as refused:
        source.receive(given, actor=OWNER)
    assert {p.where for p in refused.value.problems} == {
        "/document/principles",
        "/rendering",
        "/people/0/id",
    }


def test_only_its_owner_and_whom_it_is_shared_with_see_and_change_it(source, document, people):
    ref = source.receive({"document": document, "people": people}, actor=OWNER).ref
    assert source.sees(ref, actor=OWNER)
    assert source.sees(ref, actor=SHARED)
    assert not source.sees(ref, actor=OTHER)
    assert list(source.search("über", actor=OTHER)) == []
    with pytest.raises(Denied):
        source.receive({"document": document}, actor=OTHER)
    changed = document.replace(b'"1.2"', b'"1.3"')
    creators = source.receive({"document": changed}, actor=SHARED).metadata["creators"]
    assert creators[0]["name"] == "Παράδειγμα, Ελένη"


def test_a_document_without_an_id_is_known_again_when_it_changed(source, samples):
    tree = json.loads((samples / "cat-test-assessment-doc.json").read_bytes())
    first = source.receive({"document": json.dumps(tree).encode()}, actor=OWNER)
    tree["version"] = "2"
    second = source.receive({"document": json.dumps(tree).encode()}, actor=OWNER)
    assert first.ref == second.ref
    assert first.revision != second.revision


def test_a_private_assessment_has_a_problem_that_stops_its_publication(source, samples):
    content = (samples / "private-assessment.json").read_bytes()
    notes = source.receive({"document": content}, actor=OWNER).notes
    assert "error" in {note.severity for note in notes}


@contextmanager
def cat(answers):
    """A CAT server with these answers, by path; it writes down who asked."""
    asked = []

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Authorization"]))
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body or b'{"code": 404, "message": "none"}')

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_an_assessment_is_fetched_from_cat_whose_word_on_owner_and_sharing_counts(
    tmp_path, document, people
):
    key = "5f0c2d1e-7b3a-4c86-9e55-0a1b2c3d4e5f"
    (tmp_path / "token").write_text("cat-secret")
    answers = {
        f"/v2/assessments/{key}": document,
        f"/v1/assessments/{key}/shared-users": people,
    }
    with cat(answers) as (url, asked):
        settings = AssessmentSettings.model_validate(
            {
                "folder": tmp_path / "kept",
                "cat": {"url": url, "token": {"file": str(tmp_path / "token")}},
            }
        )
        source = AssessmentSource("assessments", settings, Site())
        with pytest.raises(Denied):
            source.receive({}, actor=OTHER, ref=key)
        found = source.receive({}, actor=SHARED, ref=key)
        assert found.owner == OWNER.name
        assert source.sees(key, actor=OWNER)
        with pytest.raises(NotFound):
            source.receive({}, actor=OWNER, ref="another")
    assert {header for _, header in asked} == {"Bearer cat-secret"}
