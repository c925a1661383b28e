"""What an RO-Crate's metadata say of its root dataset, as DataCite members.

A partial mapping: what the crate does not say is not invented. Source: RO-Crate 1.1 and 1.2,
"Root Data Entity" and the sections on people, licences, funding and places.
"""

from __future__ import annotations

import json
import re
from typing import Any

from excudit.domain.identifiers import bare_doi, is_doi, is_orcid, is_ror
from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.metadata.licences import licence
from excudit.metadata.shape import record_of

Tree = dict[str, Any]

_YEAR = re.compile(r"[0-9]{4}")
_ROLES = {
    "contributor": "Other",
    "editor": "Editor",
    "maintainer": "DataManager",
    "producer": "Producer",
    "sponsor": "Sponsor",
    "translator": "Translator",
    "copyrightHolder": "RightsHolder",
    "sdPublisher": "Distributor",
}
_RELATIONS = {
    "citation": "References",
    "isPartOf": "IsPartOf",
    "isBasedOn": "IsDerivedFrom",
    "subjectOf": "IsDocumentedBy",
}


def parse(text: bytes) -> tuple[Record | None, list[Problem]]:
    """The record that an RO-Crate's metadata file is enough for, and what is missing."""
    try:
        crate = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        column = error.colno if isinstance(error, json.JSONDecodeError) else None
        message = f"This is not JSON: {error}."
        return None, [
            Problem("", message, "Mend the text.", rule="syntax", line=line, column=column)
        ]
    if not isinstance(crate, dict) or root_of(crate) is None:
        message = "This is not the metadata of an RO-Crate: it has no root dataset."
        mend = 'Add "@graph" with the entity "ro-crate-metadata.json" and its "about".'
        return None, [Problem("/@graph", message, mend, rule="shape")]
    return record_of(to_record_json(crate))


def root_of(crate: Tree) -> Tree | None:
    """The root data entity of a crate, None when there is none."""
    entities = _entities(crate)
    for entity_id, entity in entities.items():
        if entity_id.endswith(("ro-crate-metadata.json", "ro-crate-metadata.jsonld")):
            about = entity.get("about")
            root_id = about.get("@id") if isinstance(about, dict) else None
            if root_id in entities:
                return entities[root_id]
    return entities.get("./")


def to_record_json(crate: Tree) -> Tree:
    """The members of a DataCite record that the crate's metadata give, in REST JSON.

    Nothing that is absent or not understood appears; an empty mapping is possible. Never raises
    for a crate that is JSON.
    """
    root = root_of(crate)
    if root is None:
        return {}
    return _Mapping(_entities(crate)).record(root)


def _entities(crate: Tree) -> dict[str, Tree]:
    graph = crate.get("@graph")
    if not isinstance(graph, list):
        return {}
    entities = [e for e in graph if isinstance(e, dict) and isinstance(e.get("@id"), str)]
    return {e["@id"]: e for e in entities}


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _words(value: Any) -> str:
    """The first text in a value: plain, or a JSON-LD `@value`."""
    for one in _many(value):
        text = one.get("@value") if isinstance(one, dict) else one
        if isinstance(text, str | int | float) and not isinstance(text, bool) and str(text).strip():
            return str(text).strip()
    return ""


class _Mapping:
    def __init__(self, entities: dict[str, Tree]) -> None:
        self.entities = entities

    def linked(self, value: Any) -> list[Tree]:
        """The entities that a property points to; a bare text becomes an entity with a name."""
        found: list[Tree] = []
        for one in _many(value):
            if isinstance(one, dict) and isinstance(one.get("@id"), str):
                found.append({**one, **self.entities.get(one["@id"], {})})
            elif isinstance(one, dict):
                found.append({name: value for name, value in one.items() if name != "@id"})
            elif _words(one):
                found.append({"name": _words(one)})
        return found

    def record(self, root: Tree) -> Tree:
        published = _words(root.get("datePublished"))
        publishers = self.linked(root.get("publisher"))
        people = root.get("author") or root.get("creator")
        members: Tree = {
            "creators": [self.person(one) for one in self.linked(people)],
            "titles": self.titles(root),
            "publisher": self.organisation(publishers[0]) if publishers else {},
            "publicationYear": _YEAR.match(published),
            "types": {"resourceTypeGeneral": "Dataset"},
            "subjects": self.subjects(root),
            "contributors": self.contributors(root),
            "dates": self.dates(root),
            "language": self.language(root),
            "version": _words(root.get("version")),
            "rightsList": [self.rights(one) for one in self.linked(root.get("license"))],
            "descriptions": self.descriptions(root),
            "relatedIdentifiers": self.related(root),
            "geoLocations": self.places(root),
            "fundingReferences": self.funding(root),
            "url": self.url(root),
            **self.identifiers(root),
        }
        year = members["publicationYear"]
        members["publicationYear"] = int(year[0]) if year else 0
        return {name: value for name, value in members.items() if value}

    def titles(self, root: Tree) -> list[Tree]:
        main = [{"title": _words(root.get("name"))}] if _words(root.get("name")) else []
        others = [_words(one) for one in _many(root.get("alternateName"))]
        return [*main, *({"title": t, "titleType": "AlternativeTitle"} for t in others if t)]

    def descriptions(self, root: Tree) -> list[Tree]:
        words = _words(root.get("description")) or _words(root.get("abstract"))
        return [{"description": words, "descriptionType": "Abstract"}] if words else []

    def person(self, entity: Tree) -> Tree:
        family, given = _words(entity.get("familyName")), _words(entity.get("givenName"))
        name = f"{family}, {given}" if family and given else _words(entity.get("name"))
        kinds = _many(entity.get("@type"))
        person: Tree = {"name": name or entity.get("@id", "")}
        if "Person" in kinds:
            person["nameType"] = "Personal"
        elif "Organization" in kinds:
            person["nameType"] = "Organizational"
        if family and given:
            person |= {"familyName": family, "givenName": given}
        identifiers = [_name_identifier(text) for text in _identifier_texts(entity)]
        person["nameIdentifiers"] = [one for one in identifiers if one][:1]
        places = [self.organisation(one) for one in self.linked(entity.get("affiliation"))]
        person["affiliation"] = [_affiliation(place) for place in places]
        return {name: value for name, value in person.items() if value}

    def contributors(self, root: Tree) -> list[Tree]:
        return [
            {**self.person(one), "contributorType": kind}
            for role, kind in _ROLES.items()
            for one in self.linked(root.get(role))
        ]

    def organisation(self, entity: Tree) -> Tree:
        found: Tree = {"name": _words(entity.get("name")) or entity.get("@id", "")}
        ror = next((text for text in _identifier_texts(entity) if is_ror(text)), "")
        if ror:
            found["publisherIdentifier"] = ror
            found["publisherIdentifierScheme"] = "ROR"
            found["schemeUri"] = "https://ror.org"
        return found

    def subjects(self, root: Tree) -> list[Tree]:
        found: list[Tree] = []
        for one in _many(root.get("keywords")):
            if isinstance(one, str):
                found += [{"subject": w.strip()} for w in one.split(",") if w.strip()]
        for entity in self.linked([*_many(root.get("about")), *_defined_terms(root)]):
            address = entity.get("@id", "")
            subject = {"subject": _words(entity.get("name")) or address}
            found.append({**subject, "valueUri": address} if "://" in address else subject)
        return found

    def dates(self, root: Tree) -> list[Tree]:
        names = (
            ("datePublished", "Issued"),
            ("dateCreated", "Created"),
            ("dateModified", "Updated"),
            ("temporalCoverage", "Coverage"),
        )
        return [
            {"date": _words(root.get(name)), "dateType": kind}
            for name, kind in names
            if _words(root.get(name))
        ]

    def language(self, root: Tree) -> str:
        entity = next(iter(self.linked(root.get("inLanguage"))), {})
        tag = _words(entity.get("alternateName")) or _words(entity.get("name"))
        return tag if re.fullmatch(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*", tag) else ""

    def rights(self, entity: Tree) -> Tree:
        address, name = entity.get("@id", ""), _words(entity.get("name"))
        known = licence(address) or licence(name) or licence(_words(entity.get("identifier")))
        if known:
            return {
                "rights": name or known.name,
                "rightsUri": address if "://" in address else known.url,
                "rightsIdentifier": known.id,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": "https://spdx.org/licenses/",
            }
        rights = {"rights": name or address}
        return {**rights, "rightsUri": address} if "://" in address else rights

    def related(self, root: Tree) -> list[Tree]:
        found = []
        for name, relation in _RELATIONS.items():
            for entity in self.linked(root.get(name)):
                address = entity.get("@id") or _words(entity.get("name"))
                doi = bare_doi(address)
                if is_doi(doi):
                    found.append(_relation(doi, "DOI", relation))
                elif "://" in address:
                    found.append(_relation(address, "URL", relation))
        return found

    def places(self, root: Tree) -> list[Tree]:
        covered = self.linked(
            [*_many(root.get("spatialCoverage")), *_many(root.get("contentLocation"))]
        )
        return [place for place in map(self.place, covered) if place]

    def place(self, entity: Tree) -> Tree:
        found: Tree = {}
        if _words(entity.get("name")):
            found["geoLocationPlace"] = _words(entity.get("name"))
        geo = next(iter(self.linked(entity.get("geo"))), {})
        point = (_number(geo.get("longitude")), _number(geo.get("latitude")))
        if None not in point:
            found["geoLocationPoint"] = {"pointLongitude": point[0], "pointLatitude": point[1]}
        corners = [_number(w) for w in re.split(r"[\s,]+", _words(geo.get("box"))) if w]
        if len(corners) == 4 and None not in corners:
            south, west, north, east = corners
            found["geoLocationBox"] = {
                "westBoundLongitude": west,
                "eastBoundLongitude": east,
                "southBoundLatitude": south,
                "northBoundLatitude": north,
            }
        return found

    def funding(self, root: Tree) -> list[Tree]:
        grants = self.linked(root.get("funding"))
        named: list[tuple[Tree, Tree]] = [
            (funder, {}) for funder in self.linked(root.get("funder"))
        ]
        for grant in grants:
            named += [(funder, grant) for funder in self.linked(grant.get("funder"))]
        return [self.reference(funder, grant) for funder, grant in named]

    def reference(self, funder: Tree, grant: Tree) -> Tree:
        found: Tree = {"funderName": _words(funder.get("name")) or funder.get("@id", "")}
        for text in _identifier_texts(funder):
            if is_ror(text):
                found |= {"funderIdentifier": text, "funderIdentifierType": "ROR"}
            elif bare_doi(text).startswith("10.13039/"):
                found |= {"funderIdentifier": text, "funderIdentifierType": "Crossref Funder ID"}
        number, title = _words(grant.get("identifier")), _words(grant.get("name"))
        found |= {name: w for name, w in (("awardNumber", number), ("awardTitle", title)) if w}
        address = grant.get("@id", "")
        return {**found, "awardUri": address} if "://" in address else found

    def url(self, root: Tree) -> str:
        entity = next(iter(self.linked(root.get("url"))), {})
        address = str(entity.get("@id") or _words(entity.get("name")))
        return address if address.startswith(("https://", "http://")) else ""

    def identifiers(self, root: Tree) -> Tree:
        texts = _identifier_texts(root)
        for entity in self.linked(root.get("identifier")):
            texts += [_words(entity.get("value")), _words(entity.get("name"))]
        dois = [bare_doi(text) for text in texts if is_doi(bare_doi(text))]
        others = [t for t in texts if t and not is_doi(bare_doi(t)) and t != root["@id"]]
        local = [{"identifier": t, "identifierType": _kind(t)} for t in dict.fromkeys(others)]
        return {"doi": dois[0].lower() if dois else "", "identifiers": local}


def _identifier_texts(entity: Tree) -> list[str]:
    values = [entity.get("@id"), *_many(entity.get("identifier"))]
    texts = [v.get("@id", "") if isinstance(v, dict) else v for v in values]
    return [text for text in texts if isinstance(text, str) and text]


def _kind(text: str) -> str:
    return "URL" if "://" in text else "Local"


def _defined_terms(root: Tree) -> list[Any]:
    return [one for one in _many(root.get("keywords")) if isinstance(one, dict)]


def _number(value: Any) -> float | None:
    try:
        return float(_words(value))
    except ValueError:
        return None


def _name_identifier(text: str) -> Tree:
    for is_right, scheme, address in (
        (is_orcid, "ORCID", "https://orcid.org"),
        (is_ror, "ROR", "https://ror.org"),
    ):
        if is_right(text):
            return {
                "nameIdentifier": text if text.startswith("http") else f"{address}/{text}",
                "nameIdentifierScheme": scheme,
                "schemeUri": address,
            }
    return {}


def _affiliation(organisation: Tree) -> Tree:
    found: Tree = {"name": organisation["name"]}
    if "publisherIdentifier" in organisation:
        found["affiliationIdentifier"] = organisation["publisherIdentifier"]
        found["affiliationIdentifierScheme"] = "ROR"
        found["schemeUri"] = "https://ror.org"
    return found


def _relation(identifier: str, kind: str, relation: str) -> Tree:
    return {
        "relatedIdentifier": identifier,
        "relatedIdentifierType": kind,
        "relationType": relation,
    }
