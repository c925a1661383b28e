"""Several worker processes on one PostgreSQL: one dies, its runs go on in another."""

from __future__ import annotations

import json

import pytest
from serving import work

from excudit.service import queries, verbs
from forked import Forked
from house import OWNER, RECORD, House, until

COUNT = 24


@pytest.mark.slow
def test_runs_of_a_killed_worker_go_on_in_another_without_a_second_doi(
    tmp_path, postgresql_url, registry, mailbox
):
    house = House(tmp_path / "house", postgresql_url, registry, mailbox)
    before = house.dois()
    house.serve()
    workers = [Forked(work, house.config, log=house.log) for _ in range(2)]
    asked = []
    for i in range(COUNT):
        place = house.folder / f"many-{i}"
        place.mkdir()
        (place / "datacite.json").write_text(json.dumps(RECORD))
        asked.append(verbs.create(house.parts, OWNER, "folder-doi", str(place), submitting=True))
        if i == COUNT // 2:
            workers[0].kill()
            workers[0].wait(20)

    def finished():
        rows = queries.listing(house.parts, OWNER, limit=COUNT)
        return all((r.state, r.health) == ("published", "idle") for r in rows)

    until(finished, "not all are published", 90)
    assert house.dois() == before + COUNT
    assert all(house.marked(a.id) == ["findable"] for a in asked)
    for worker in workers[1:]:
        worker.terminate()
        worker.wait(20)
    house.close()
