"""What a folder tells of itself, with and without metadata, whole and broken."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from excudit.domain.errors import Denied, NotFound, Rejected, Unavailable
from excudit.domain.model import Dataset, manifest_digest
from excudit.metadata.check import check_record
from excudit.metadata.datacite_json import from_rest, to_rest
from excudit.metadata.datacite_xml import parse
from excudit.settings import Site
from excudit.sources.folder import FolderSource
from excudit.sources.folder.settings import FolderSettings
from excudit.storage.spool import SpooledFiles

YAML = """
titles: [{title: The real title}]
creators: [{name: "Carberry, Josiah"}]
publisher: {name: Example Institute}
publicationYear: "2024"
types: {resourceTypeGeneral: Dataset, resourceType: CTD}
formats: [text/csv]
"""


def rules(dataset: Dataset) -> list[str]:
    return [note.rule for note in dataset.notes]


def test_a_folder_without_metadata_is_prefilled_with_what_it_tells(
    source: FolderSource, cruise: Path
) -> None:
    dataset = source.describe(str(cruise))
    assert dataset.title == "cruise-7"
    assert dataset.metadata == {
        "titles": [{"title": "cruise-7"}],
        "types": {"resourceTypeGeneral": "Dataset"},
        "sizes": ["2 files", "18 bytes"],
        "formats": ["image/png", "text/csv"],
    }
    assert rules(dataset) == ["metadata-file"]


def test_the_readme_gives_title_and_abstract(source: FolderSource, cruise: Path) -> None:
    (cruise / "README.md").write_text("# Cruise *7*\n\nNine casts\nin `May`.\n\n## Files\n\nMany.")
    dataset = source.describe(str(cruise))
    assert dataset.title == "Cruise *7*"
    assert dataset.metadata["descriptions"] == [
        {"description": "Nine casts in May.", "descriptionType": "Abstract"}
    ]


def test_files_are_spooled_and_the_revision_is_their_digest(
    source: FolderSource, cruise: Path
) -> None:
    dataset = source.describe(str(cruise))
    assert isinstance(dataset.files, SpooledFiles)
    assert dataset.files.bytes == 18
    assert dataset.revision == manifest_digest(dataset.files)


def test_touching_a_file_is_no_change(source: FolderSource, cruise: Path) -> None:
    before = source.describe(str(cruise)).revision
    os.utime(cruise / "map.png", (0, 0))
    assert source.describe(str(cruise)).revision == before


@pytest.mark.parametrize("name", ["datacite.yaml", "datacite.yml"])
def test_metadata_in_yaml_is_read_and_only_gaps_are_filled(
    source: FolderSource, cruise: Path, name: str
) -> None:
    (cruise / name).write_text(YAML)
    dataset = source.describe(str(cruise))
    assert dataset.title == "The real title"
    assert dataset.metadata["creators"][0]["name"] == "Carberry, Josiah"
    assert dataset.metadata["formats"] == ["text/csv"]
    assert dataset.metadata["sizes"][0] == "3 files"
    assert dataset.metadata["types"]["resourceType"] == "CTD"


def test_metadata_in_json_may_be_a_whole_answer_of_the_registry(
    source: FolderSource, cruise: Path
) -> None:
    attributes = {"titles": [{"title": "From JSON"}], "publicationYear": "2024"}
    document = {"data": {"type": "dois", "attributes": attributes}}
    (cruise / "datacite.json").write_text(json.dumps(document))
    dataset = source.describe(str(cruise))
    assert dataset.title == "From JSON"
    assert dataset.metadata["publicationYear"] == "2024"


def test_metadata_in_xml_is_read(source: FolderSource, cruise: Path, shared: Path) -> None:
    document = shared / "data/datacite/xml"
    example = next(p for p in sorted(document.rglob("*full*.xml")) if "4" in p.name)
    shutil.copyfile(example, cruise / "datacite.xml")
    record, _ = parse(example.read_bytes())
    assert record is not None
    dataset = source.describe(str(cruise))
    assert dataset.title == record.main_title
    assert json.loads(json.dumps(to_rest(record))).items() <= dataset.metadata.items()


def test_an_ro_crate_is_read(source: FolderSource, cruise: Path) -> None:
    crate: dict[str, Any] = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "Crated cruise",
                "description": "Nine casts.",
                "datePublished": "2024-05-14",
                "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
                "author": {"@id": "https://orcid.org/0000-0002-1825-0097"},
                "publisher": {"@id": "https://ror.org/0zzex0052"},
            },
            {
                "@id": "https://orcid.org/0000-0002-1825-0097",
                "@type": "Person",
                "name": "Josiah Carberry",
            },
            {"@id": "https://ror.org/0zzex0052", "@type": "Organization", "name": "Example"},
        ],
    }
    (cruise / "ro-crate-metadata.json").write_text(json.dumps(crate))
    assert source.describe(str(cruise)).title == "Crated cruise"


def test_the_first_of_several_metadata_files_is_used_and_that_is_said(
    source: FolderSource, cruise: Path
) -> None:
    (cruise / "datacite.yaml").write_text(YAML)
    (cruise / "datacite.json").write_text('{"titles": [{"title": "JSON wins"}]}')
    dataset = source.describe(str(cruise))
    assert dataset.title == "JSON wins"
    (error,) = [note for note in dataset.notes if note.rule == "metadata-file"]
    assert error.severity == "error"
    assert "datacite.json, datacite.yaml" in error.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("datacite.json", b'{"titles": ['),
        ("datacite.json", b"\xff\xfe\x00"),
        ("datacite.json", b"[" * 100_000),
        ("datacite.json", b""),
        ("datacite.json", b"[1, 2]"),
        ("datacite.yaml", b"titles: [{title: x}"),
        ("datacite.yaml", b"!!python/object/apply:os.system ['true']"),
        ("datacite.xml", b"<resource><titles>"),
        ("datacite.xml", b'<?xml version="1.0"?><html/>'),
        ("ro-crate-metadata.json", b"{}"),
    ],
)
def test_broken_metadata_is_noted_and_does_not_stop_the_description(
    source: FolderSource, cruise: Path, name: str, content: bytes
) -> None:
    (cruise / name).write_bytes(content)
    dataset = source.describe(str(cruise))
    assert dataset.title == "cruise-7"
    assert len(dataset.files) == 3
    problems = [note for note in dataset.notes if note.severity == "error"]
    assert problems
    assert all(problem.message.startswith(f"{name}: ") for problem in problems)


def test_what_can_be_read_of_an_incomplete_record_is_kept(
    source: FolderSource, cruise: Path
) -> None:
    (cruise / "datacite.yaml").write_text("titles: [{title: Half a record}]\nlanguage: en\n")
    dataset = source.describe(str(cruise))
    assert dataset.title == "Half a record"
    assert dataset.metadata["language"] == "en"
    assert dataset.notes == ()


def test_what_a_check_of_the_record_will_tell_is_not_noted_twice(
    source: FolderSource, cruise: Path
) -> None:
    orcid = "{nameIdentifier: 0000-0002-1825-0098, nameIdentifierScheme: ORCID}"
    wrong = YAML.replace("creators: [{", f"creators: [{{nameIdentifiers: [{orcid}], ")
    (cruise / "datacite.yaml").write_text(wrong)
    dataset = source.describe(str(cruise))
    assert dataset.notes == ()
    assert "orcid" in str(check_record(from_rest(dataset.metadata))).lower()


def test_what_was_lost_of_a_metadata_file_is_noted(source: FolderSource, cruise: Path) -> None:
    (cruise / "datacite.yaml").write_text(
        YAML + "licence: CC0\ndates: yesterday\nrelatedItems: [{}]\n"
    )
    dataset = source.describe(str(cruise))
    lost = {"/licence", "/dates", "/relatedItems"}
    assert {f"/{note.where.split('/')[1]}" for note in dataset.notes} == lost
    assert not {"dates", "relatedItems"} & dataset.metadata.keys()
    assert dataset.title == "The real title"


@pytest.mark.parametrize("wrapped", [False, True])
def test_members_of_the_wrong_shape_are_left_out(
    source: FolderSource, cruise: Path, wrapped: bool
) -> None:
    tree: dict[str, Any] = {"titles": "a text", "types": 7, "language": "en", "surprise": {}}
    document = {"data": {"type": "dois", "attributes": tree}} if wrapped else tree
    (cruise / "datacite.json").write_text(json.dumps(document))
    look = source.look(str(cruise))
    assert look.title == "cruise-7"
    assert look.metadata == {
        "titles": [{"title": "cruise-7"}],
        "types": {"resourceTypeGeneral": "Dataset"},
        "language": "en",
    }


def test_yaml_that_would_blow_up_is_refused_in_no_time(source: FolderSource, cruise: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (cruise / "datacite.yaml").write_text("\n".join([*lines, "titles: [{title: Boom}]"]))
    dataset = source.describe(str(cruise))
    assert dataset.title == "cruise-7"
    assert "error" in [note.severity for note in dataset.notes]


def test_a_metadata_file_too_large_to_be_one_is_refused_without_reading_it_whole(
    source: FolderSource, cruise: Path
) -> None:
    with (cruise / "datacite.json").open("wb") as file:
        file.truncate(17 * 1024**2)
    (error,) = source.describe(str(cruise)).notes
    assert (error.severity, error.rule) == ("error", "metadata-file")
    assert "larger than 16 MiB" in error.message


def test_a_link_in_the_place_of_metadata_is_refused_and_never_read(
    source: FolderSource, folder: Path, cruise: Path
) -> None:
    (folder / "secret.json").write_text('{"titles": [{"title": "secret"}]}')
    (cruise / "datacite.json").symlink_to("../secret.json")
    with pytest.raises(Rejected) as refused:
        source.describe(str(cruise))
    assert [p.rule for p in refused.value.problems] == ["symlink-escapes"]
    assert source.look(str(cruise)).title == "cruise-7"


def test_all_that_is_wrong_with_the_files_is_told_at_once(
    source: FolderSource,
    cruise: Path,
    without_privileges: Callable[[], AbstractContextManager[None]],
) -> None:
    os.mkfifo(cruise / "pipe")
    (cruise / "raw" / "out").symlink_to("/etc")
    (cruise / "map.png").chmod(0)
    with without_privileges(), pytest.raises(Rejected) as refused:
        source.describe(str(cruise))
    assert [(p.where, p.rule) for p in refused.value.problems] == [
        ("map.png", "unreadable"),
        ("pipe", "special-file"),
        ("raw/out", "symlink-escapes"),
    ]
    assert str(cruise) in refused.value.message


def test_an_empty_folder_is_described_with_a_warning(source: FolderSource, folder: Path) -> None:
    (folder / "empty").mkdir()
    dataset = source.describe(str(folder / "empty"))
    assert len(dataset.files) == 0
    assert rules(dataset) == ["empty-folder", "metadata-file"]


def test_a_folder_outside_the_roots_is_denied_whether_it_exists_or_not(
    source: FolderSource, folder: Path
) -> None:
    told = []
    for ref in ("/etc", "/nowhere-at-all"):
        for call in (source.describe, source.look):
            with pytest.raises(Denied) as refused:
                call(ref)
            told.append(str(refused.value.as_data()).replace(ref, "REF"))
    assert len(set(told)) == 1


def test_a_folder_that_vanished_is_not_found(source: FolderSource, cruise: Path) -> None:
    source.describe(str(cruise))
    shutil.rmtree(cruise)
    with pytest.raises(NotFound):
        source.describe(str(cruise))


def test_a_root_that_is_not_mounted_is_tried_again() -> None:
    settings = FolderSettings(roots=[Path("/nowhere-at-all")])
    source = FolderSource("folders", settings, Site())
    with pytest.raises(Unavailable):
        source.describe("/nowhere-at-all/cruise")
