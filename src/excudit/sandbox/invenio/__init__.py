"""A loopback InvenioRDM and Zenodo: both dialects over one store, odd answers included."""

from excudit.sandbox.invenio.accounts import OTHER_TOKEN, TOKEN, WEAK_TOKEN
from excudit.sandbox.invenio.server import Invenio

__all__ = ["OTHER_TOKEN", "TOKEN", "WEAK_TOKEN", "Invenio"]
