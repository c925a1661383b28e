"""Whatever a record holds, it comes back from both of its forms unchanged."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from hypothesis import given
from tests.unit.metadata.vectors import official_schema

from excudit.domain.record import Record
from excudit.metadata import datacite_json, datacite_xml, yaml_text
from record_strategies import BOUNDED, records


@BOUNDED
@given(records())
def test_rest_json_loses_nothing(record: Record) -> None:
    attributes = datacite_json.to_rest(record)
    assert datacite_json.from_rest(attributes) == record
    assert datacite_json.from_rest(json.loads(json.dumps(attributes))) == record


@BOUNDED
@given(records())
def test_xml_loses_nothing_but_the_url(record: Record) -> None:
    record = _without_url(record)
    assert datacite_xml.parse(datacite_xml.to_xml(record)) == (record, [])


@BOUNDED
@given(records())
def test_equal_records_give_equal_bytes(record: Record) -> None:
    again = Record.model_validate(record.model_dump())
    assert again == record
    assert datacite_xml.to_xml(again) == datacite_xml.to_xml(record)


def test_the_official_schema_accepts_every_generated_document(shared: Path) -> None:
    schema = official_schema(shared)

    @BOUNDED
    @given(records())
    def accepted(record: Record) -> None:
        from lxml import etree

        document = etree.fromstring(datacite_xml.to_xml(record))
        assert schema.validate(document), schema.error_log

    accepted()


@BOUNDED
@given(records())
def test_what_people_write_in_json_or_yaml_is_read_alike(record: Record) -> None:
    record = record.model_copy(
        update={"identifiers": tuple(i for i in record.identifiers if i.identifier_type != "DOI")}
    )
    attributes = datacite_json.to_rest(record)
    assert datacite_json.parse(json.dumps(attributes)) == (record, [])
    written = yaml.dump(attributes, Dumper=yaml.CSafeDumper).encode()
    assert yaml_text.parse(written) == (record, [])


def _without_url(record: Record) -> Record:
    doi = "" if record.doi in (":tba", "(:tba)") else record.doi
    return record.model_copy(update={"url": "", "doi": doi})
