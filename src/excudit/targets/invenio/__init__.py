"""Files and records at InvenioRDM and Zenodo: one deposit each, published once."""

from excudit.targets.invenio.settings import InvenioSettings
from excudit.targets.invenio.target import InvenioTarget

__all__ = ["InvenioSettings", "InvenioTarget"]
