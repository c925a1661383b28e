"""Types in other vocabularies that the registry derives from `resourceTypeGeneral`."""

from __future__ import annotations

import re
from typing import Any

KEYS = ("schemaOrg", "citeproc", "bibtex", "ris")
DEFAULT = ("CreativeWork", "article", "misc", "GEN")

DERIVED: dict[str, tuple[str, str, str, str]] = {
    "Dataset": ("Dataset", "dataset", "misc", "DATA"),
    "Software": ("SoftwareSourceCode", "article", "misc", "COMP"),
    "ComputationalNotebook": ("SoftwareSourceCode", "article", "misc", "COMP"),
    "Text": ("ScholarlyArticle", "article-journal", "article", "RPRT"),
    "JournalArticle": ("ScholarlyArticle", "article-journal", "article", "JOUR"),
    "ConferencePaper": ("Article", "", "article", "CPAPER"),
    "DataPaper": ("Article", "", "article", "GEN"),
    "ConferenceProceeding": ("Periodical", "article", "misc", "CONF"),
    "Journal": ("Periodical", "article", "misc", "GEN"),
    "Dissertation": ("Thesis", "thesis", "phdthesis", "THES"),
    "Report": ("Report", "report", "misc", "RRPT"),
    "Book": ("Book", "article", "misc", "BOOK"),
    "BookChapter": ("Chapter", "article", "misc", "CHAP"),
    "Image": ("ImageObject", "graphic", "misc", "FIGURE"),
    "Sound": ("AudioObject", "song", "misc", "SOUND"),
    "Audiovisual": ("MediaObject", "article", "misc", "MPCT"),
    "Collection": ("Collection", "article", "misc", "GEN"),
    "Event": ("Event", "article", "misc", "GEN"),
    "Service": ("Service", "article", "misc", "GEN"),
    "Project": ("Project", "article", "misc", "GEN"),
    "Award": ("Grant", "article", "misc", "GEN"),
    "PeerReview": ("Review", "article", "misc", "GEN"),
}

# Crossref's type names, met as free text in `resourceType`, win over the general type.
CROSSREF: dict[str, tuple[str, str, str, str]] = {
    "Book": ("Book", "book", "book", "BOOK"),
    "BookChapter": ("Chapter", "chapter", "inbook", "CHAP"),
    "Dissertation": ("Thesis", "thesis", "phdthesis", "THES"),
    "EditedBook": ("Book", "book", "book", "BOOK"),
    "Journal": ("Periodical", "article", "misc", "JOUR"),
    "JournalArticle": ("ScholarlyArticle", "article-journal", "article", "JOUR"),
    "Monograph": ("Book", "book", "book", "BOOK"),
    "PeerReview": ("Review", "review", "misc", "JOUR"),
    "PostedContent": ("ScholarlyArticle", "article-journal", "article", "JOUR"),
    "ProceedingsArticle": ("Article", "paper-conference", "inproceedings", "CPAPER"),
    "ReferenceBook": ("Book", "book", "book", "BOOK"),
    "Report": ("Report", "report", "techreport", "RPRT"),
}


def derive(types: dict[str, Any]) -> dict[str, Any]:
    """`types` with the four derived values where they are absent; nothing for no types."""
    if not types:
        return {}
    general = str(types.get("resourceTypeGeneral") or "")
    found = CROSSREF.get(_camel(str(types.get("resourceType") or "")))
    values = found or DERIVED.get(general, DEFAULT)
    return {**dict(zip(KEYS, values, strict=True)), **types}


def _camel(text: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("-", " ").replace("_", " ").split()
    return "".join(word[:1].upper() + word[1:] for word in words)
