"""What the world knows of a DOI: asked at the site's resolver, and at no other place than those
that its settings name."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from excudit.domain.errors import NotFound, Rejected, Retryable, Unavailable
from excudit.domain.identifiers import bare_doi, is_doi
from excudit.domain.sentence import Sentence
from excudit.http import Answer, Remote, Timeouts, user_agent
from excudit.settings import Site

ACCEPT = "application/vnd.datacite.datacite+json"
LARGEST = 5 * 1024 * 1024
PATIENCE = Timeouts(connect_s=5.0, read_s=10.0, total_s=20.0)
HOPS = 4
_MOVED = (301, 302, 303, 307, 308)
_BY_FILE = "Save its metadata as DataCite JSON or XML elsewhere, and upload the file."


def typed_doi(text: str) -> str:
    """The bare DOI in any form that people write. Raises Rejected when it is none."""
    doi = bare_doi(text.strip().partition("?")[0].partition("#")[0])
    if not is_doi(doi) or len(doi) > 300:
        raise Rejected(
            Sentence("%(value)s is no DOI.", value=repr(text.strip()[:100])),
            hint="Write it like 10.5072/abcd or https://doi.org/10.5072/abcd.",
        )
    return doi


def look_up(site: Site, doi: str) -> Any:
    """The metadata of a DOI as a JSON value of DataCite's form.

    Only the resolver of the settings is asked, and redirects are followed only to the hosts that
    they name, at most `HOPS`, with limits on size and time. Raises NotFound, Rejected or
    Unavailable; every sentence says what to do instead.
    """
    if not site.doi_lookup:
        raise Rejected("This site looks up no DOIs.", hint=_BY_FILE)
    base = site.doi_lookup.rstrip("/")
    address = f"{base}/{quote(doi, safe='/')}"
    for _ in range(HOPS):
        answer = _ask(site, base, address)
        if answer.status not in _MOVED:
            return _value(answer, doi)
        address = urljoin(address, answer.location)
        base = _allowed(site, address, doi)
    raise Rejected(Sentence("The resolver leads %(doi)s round in circles.", doi=doi), hint=_BY_FILE)


def _ask(site: Site, base: str, address: str) -> Answer:
    remote = Remote(
        "The DOI resolver",
        base,
        agent=user_agent(site),
        timeouts=PATIENCE,
        max_bytes=LARGEST,
    )
    try:
        return remote.send("GET", address.removeprefix(base), accept=ACCEPT)
    except Retryable as error:
        raise Unavailable(
            "The DOI could not be looked up: this service cannot reach the resolver now.",
            hint=Sentence("Try again later. %(by_file)s", by_file=_BY_FILE),
            remote=error.message,
        ) from error
    finally:
        remote.close()


def _allowed(site: Site, address: str, doi: str) -> str:
    """The base of an address to which a redirect may lead. Raises Rejected."""
    try:
        to, resolver = urlsplit(address), urlsplit(site.doi_lookup)
        same = (to.scheme, to.netloc) == (resolver.scheme, resolver.netloc)
        listed = to.netloc.lower() in {host.lower() for host in site.doi_hosts}
        fine = to.scheme in ("https", resolver.scheme) and (same or listed)
    except ValueError:
        fine = False
    if not fine:
        raise Rejected(
            Sentence(
                "%(doi)s is not registered at DataCite, or its registry is "
                "not one that this site asks.",
                doi=doi,
            ),
            hint=_BY_FILE,
        )
    return f"{to.scheme}://{to.netloc}"


def _value(answer: Answer, doi: str) -> Any:
    if answer.status in (404, 410):
        raise NotFound(
            Sentence("Nobody knows the DOI %(doi)s.", doi=doi), hint="Look for a typing error."
        )
    if answer.status == 429 or answer.status >= 500:
        raise Unavailable(
            Sentence("The DOI registry answers %(status)s at the moment.", status=answer.status),
            hint=Sentence("Try again later. %(by_file)s", by_file=_BY_FILE),
            remote=answer.words,
        )
    if answer.status != 200 or not answer.is_json:
        raise Rejected(
            Sentence(
                "There are no metadata of %(doi)s in DataCite's form (answer %(status)s).",
                doi=doi,
                status=answer.status,
            ),
            hint=_BY_FILE,
        )
    return answer.value
