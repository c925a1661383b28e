"""Every kind of failure that an answer can name: its HTTP status and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from excudit.domain import errors
from excudit.domain.errors import KINDS, ExcuditError
from excudit.settings import Site

STATUS: dict[type[ExcuditError], int] = {
    errors.Unavailable: 503,
    errors.RateLimited: 429,
    errors.Retryable: 503,
    errors.Uncertain: 502,
    errors.Rejected: 422,
    errors.NotFound: 404,
    errors.Denied: 403,
    errors.Conflict: 409,
    errors.Unsupported: 501,
    errors.Permanent: 422,
    errors.NeedsPerson: 409,
    errors.Unrecorded: 503,
    errors.ExcuditError: 500,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of failure."""

    name: str
    status: int
    sentence: str

    def url(self, site: Site) -> str:
        """The page about it: the `type` of a problem+json answer."""
        return f"{site.base_url.rstrip('/')}/problems/{self.name}"


# What fails between a call and the service's own words.
OF_HTTP = {
    k.status: k
    for k in (
        Kind("BadRequest", 400, "The request cannot be read."),
        Kind("Unauthenticated", 401, "The service does not know who calls."),
        Kind("NotFound", 404, errors.NotFound("").sentence),
        Kind("MethodNotAllowed", 405, "This address does not know that method."),
        Kind("PreconditionFailed", 412, "It changed since you read it."),
        Kind("ContentTooLarge", 413, "The body is too large."),
        Kind("UnsupportedMediaType", 415, "The body must be JSON."),
        Kind("Incident", 500, "Something unexpected happened in the service."),
    )
}
UNAVAILABLE = Kind("Unavailable", 503, errors.Unavailable("").sentence)


def of_error(error: ExcuditError) -> Kind:
    """The kind of an error of the domain."""
    status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    return Kind(error.kind, status, error.sentence)


def of_status(status: int) -> Kind:
    """The kind of a failure of which only the status is known."""
    phrase = HTTPStatus(status).phrase
    return OF_HTTP.get(status) or Kind(phrase.replace(" ", ""), status, phrase + ".")


def named(name: str) -> Kind | None:
    """The kind of this name; None when there is none."""
    if name in KINDS:
        return of_error(KINDS[name](""))
    return next((kind for kind in OF_HTTP.values() if kind.name == name), None)
