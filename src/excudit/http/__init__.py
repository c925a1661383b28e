"""One HTTP client for all adapters: timeouts, identity, redaction, pacing, error mapping.

    no connection (refused, no such host, TLS, timeout)  Unavailable: nothing was sent
    sent, but the answer was lost, cut or too late       Uncertain; for reads Unavailable
    429                                                  RateLimited(Retry-After)
    5xx, 408, 425                                        Uncertain; for reads Unavailable
    2xx of an unexpected content type                    Uncertain; for reads Unavailable
    401, 403                                             Denied
    404, 410                                             NotFound
    409                                                  Conflict
    any other status that was not expected               Rejected

An adapter's `judge` may know better and is asked first. Nothing is ever repeated here, and no
redirect is followed: both belong to the plan. Reads are GET, HEAD and OPTIONS (RFC 9110 §9.2.1),
and whatever the caller declares `safe`.
"""

from __future__ import annotations

from excudit.http.answer import Answer
from excudit.http.remote import PATIENCE_S, Judge, Remote, Stream, Timeouts, path_of, user_agent
from excudit.http.secrets import Basic, Bearer, redact

__all__ = [
    "PATIENCE_S",
    "Answer",
    "Basic",
    "Bearer",
    "Judge",
    "Remote",
    "Stream",
    "Timeouts",
    "path_of",
    "redact",
    "user_agent",
]
