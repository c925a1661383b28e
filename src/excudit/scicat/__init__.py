"""How excudit speaks to SciCat: one client for its source and its targets.

API v4, falling back to v3 where a site has no v4. Reads are complete (paged, with a unique sort
key); nothing is repeated but the one request after a fresh login. Facts about SciCat 5.x that this
room relies on are told where they are used.
"""

from __future__ import annotations

from excudit.scicat.answers import judge, said
from excudit.scicat.api import Api
from excudit.scicat.blocks import Block, Blocks, block_digest
from excudit.scicat.fields import DATASET_FIELDS, content_digest, plain_dataset, postable
from excudit.scicat.jobs import Asked, Jobs
from excudit.scicat.published import PublishedData
from excudit.scicat.scicat import SciCat
from excudit.scicat.session import Whoami
from excudit.scicat.settings import Connection, Reading

__all__ = [
    "DATASET_FIELDS",
    "Api",
    "Asked",
    "Block",
    "Blocks",
    "Connection",
    "Jobs",
    "PublishedData",
    "Reading",
    "SciCat",
    "Whoami",
    "block_digest",
    "content_digest",
    "judge",
    "plain_dataset",
    "postable",
    "said",
]
