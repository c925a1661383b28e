"""The vocabularies that a route may name in its setting `words`."""

from __future__ import annotations

from excudit.domain.words.vocabulary import Status, Vocabulary

NONE = Vocabulary(())
VOCABULARIES: dict[str, Vocabulary] = {}

__all__ = ["NONE", "VOCABULARIES", "Status", "Vocabulary"]
