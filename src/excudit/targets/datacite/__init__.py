"""DOIs at DataCite: drafts first, findable last, never two for one publication."""

from excudit.targets.datacite.settings import DataCiteSettings
from excudit.targets.datacite.target import DataCiteTarget

__all__ = ["DataCiteSettings", "DataCiteTarget"]
