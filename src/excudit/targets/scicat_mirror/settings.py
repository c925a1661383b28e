"""The settings of a `scicat_mirror` target."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from excudit.scicat import Connection
from excudit.settings import Strict


class Rewrite(Strict):
    """A rule for one text.

    `match`: a regular expression for the whole of it. `to`: what it becomes; "\\1" is the first
    group.
    """

    match: str
    to: str

    @field_validator("match")
    @classmethod
    def _expression(cls, match: str) -> str:
        try:
            re.compile(match)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return match


class ScicatMirrorSettings(Connection):
    """The table `[targets.NAME]` with `kind = "scicat_mirror"`: the public SciCat and its account.

    `origin`: the SciCat from which file lists and attachments are read, with an account of its own.
    `owner_groups`: rules for the owner group, the first that fits counts; without one it stays.
    `access_groups`: rules for each access group; without one it is dropped, as `sharedWith` always
    is. `source_folders`: rules for the source folder; without one it stays.
    `source_folder_host`: what the copy names; "" = the original's. `public_lists`: file lists and
    pictures of a public copy are flagged as public, too. `repeated`: a list that the original has
    twice, word for word, is copied "once" or "as-is". `curated`: title, abstract and keywords come
    from the approved record. `required`: members that a dataset must have here beside those of
    SciCat. `frontend_url`: SciCat's pages, for links. `may_delete`: the account may delete
    (DELETE_GROUPS); else a draft that is given up stays, private and marked as free.
    """

    origin: Connection
    owner_groups: list[Rewrite] = Field(default_factory=list)
    access_groups: list[Rewrite] = Field(default_factory=list)
    source_folders: list[Rewrite] = Field(default_factory=list)
    source_folder_host: str = ""
    public_lists: bool = True
    repeated: Literal["once", "as-is"] = "once"
    curated: bool = True
    required: list[str] = Field(default_factory=list)
    frontend_url: str = ""
    may_delete: bool = True
