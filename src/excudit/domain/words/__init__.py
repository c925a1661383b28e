"""The vocabularies that a route may name in its setting `words`."""

from __future__ import annotations

from excudit.domain.words import (
    assessment_zenodo,
    permanent_id,
    quince_export,
    scicat_doi,
    scicat_mirror,
)
from excudit.domain.words.vocabulary import Offer, Status, Vocabulary

NONE = Vocabulary(())
VOCABULARIES: dict[str, Vocabulary] = {
    "assessment-zenodo": assessment_zenodo.WORDS,
    "permanent-id": permanent_id.WORDS,
    "scicat-doi": scicat_doi.WORDS,
    "scicat-mirror": scicat_mirror.WORDS,
    "quince-export": quince_export.NETWORK,
    "quince-export-direct": quince_export.DIRECT,
}

__all__ = ["NONE", "VOCABULARIES", "Offer", "Status", "Vocabulary"]
