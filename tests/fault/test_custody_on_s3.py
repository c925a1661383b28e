"""A folder in a bucket on its whole way: staged, shelved, public by the bucket's policy, withdrawn
or given back; the service dies on the way."""

from __future__ import annotations

import json
import uuid

import pytest
from custody_house import CustodyHouse

from excudit.service import verbs
from excudit.storage.addresses import parse
from excudit.storage.bucket import S3Access, bucket
from excudit.storage.folders import at
from house import CURATOR, OWNER, RECORD, until
from object_stores import BUCKET, s3, s3_url, show_public

__all__ = ["s3", "s3_url"]
pytestmark = pytest.mark.slow
TABLES = """
[sources.kept]
kind = "folder"
roots = ["{place}/home"]
staging = "{place}/staging"
curated = "{place}/curated"
s3 = {s3}
[targets.curated]
kind = "shelf"
root = "{place}/curated"
public_url = "{url}/{bucket}/{prefix}/curated/public"
s3 = {s3}
[routes.kept]
source = "kept"
targets = ["curated", "datacite"]
review = "one"
"""
CONTENTS = {
    "README.md": b"# Buoys\n",
    "data/co2.csv": b"time,co2\n1,410.2\n",
    "datacite.json": json.dumps(RECORD).encode(),
}


@pytest.fixture
def house(tmp_path, sqlite_url, registry, mailbox, s3: S3Access):
    prefix = uuid.uuid4().hex
    place = f"s3://{BUCKET}/{prefix}"
    show_public(s3.endpoint, f"{prefix}/curated/public")
    key = tmp_path / "key"
    key.write_text("tests")
    keys = ", ".join(f'{name} = {{ file = "{key}" }}' for name in ("access_key", "secret_key"))
    reached = f'{{ endpoint = "{s3.endpoint}", {keys} }}'
    tables = TABLES.format(place=place, url=s3.endpoint, bucket=BUCKET, prefix=prefix, s3=reached)
    made = CustodyHouse(tmp_path / "house", sqlite_url, registry, mailbox, more=tables)
    made.place = tmp_path / "nothing"
    made.prefix, made.s3 = prefix, s3
    home = bucket(BUCKET, s3)
    for name, content in CONTENTS.items():
        home.put(f"{prefix}/home/buoys/{name}", content)
    yield made
    made.close()


def stands(house) -> set[str]:
    """Where objects of the folder stand."""
    keys = [k.key for k in bucket(BUCKET, house.s3).below(house.prefix)]
    found = [k.removeprefix(f"{house.prefix}/") for k in keys]
    data = [f for f in found if f.endswith("co2.csv")]
    return {f.removesuffix("/buoys/data/co2.csv") for f in data}


def test_a_bucket_s_folder_is_published_once_and_whole_though_the_service_dies(house):
    before = house.dois()
    house.serve("files.curated:effect")
    ref = f"s3://{BUCKET}/{house.prefix}/home/buoys"
    asked = verbs.create(house.parts, OWNER, "kept", ref, submitting=True)
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    assert stands(house) == {"staging"}
    verbs.approve(house.parts, CURATOR, asked.id)
    until(house.died, "nothing died")
    house.published_once(asked.id, dois_before=before)
    assert stands(house) == {"curated/public"}
    public = at(parse(f"s3://{BUCKET}/{house.prefix}/curated/public/buoys"), house.s3)
    for name, content in CONTENTS.items():
        assert public.peek(name, 10_000) == content


def test_a_bucket_s_folder_that_is_returned_is_at_home_again(house):
    house.serve()
    ref = f"s3://{BUCKET}/{house.prefix}/home/buoys"
    asked = verbs.create(house.parts, OWNER, "kept", ref, submitting=True)
    until(lambda: house.get(asked.id).state == "in_review", house.words(asked.id))
    verbs.turn_down(house.parts, CURATOR, asked.id, "return", "Please add a README.")
    assert house.still(asked.id).state == "changes_requested"
    assert stands(house) == {"home"}
