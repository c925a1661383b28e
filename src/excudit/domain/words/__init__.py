"""The vocabularies that a route may name in its setting `words`."""

from __future__ import annotations

from excudit.domain.words import assessment_zenodo, scicat_mirror
from excudit.domain.words.vocabulary import Status, Vocabulary

NONE = Vocabulary(())
VOCABULARIES: dict[str, Vocabulary] = {
    "assessment-zenodo": assessment_zenodo.WORDS,
    "scicat-mirror": scicat_mirror.WORDS,
}

__all__ = ["NONE", "VOCABULARIES", "Status", "Vocabulary"]
