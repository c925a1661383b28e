"""The shell (`web/shell.py`) under the name by which the rooms of pages know it."""

from __future__ import annotations

from excudit.web.shell import MENU, POLICY, PRIVATE, ROLE_WORDS, go, role_words, say, show

__all__ = ["MENU", "POLICY", "PRIVATE", "ROLE_WORDS", "go", "role_words", "say", "show"]
