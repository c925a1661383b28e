"""The face of CAT's publish service (Compliance Assessment Toolkit): same paths, same bodies.

Where the service of CAT answers 500 for something that a caller did, this one says 4xx, with the
same words.
"""

from excudit.web.faces.cat.calls import ROUTER

__all__ = ["ROUTER"]
