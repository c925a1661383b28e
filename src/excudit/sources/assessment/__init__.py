"""Compliance assessments as datasets; see README.md beside this file."""

from excudit.sources.assessment.source import AssessmentSource

__all__ = ["AssessmentSource"]
