"""Which form of a record a reader wants (RFC 9110 §12.5.1). If nothing fits, HTML: never 406."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HTML = "html"

# In the order of preference between equals; each media type and the export that answers it.
OFFERS: tuple[tuple[str, str], ...] = (
    ("text/html", HTML),
    ("application/xhtml+xml", HTML),
    ("application/ld+json", "schemaorg"),
    ("application/vnd.schemaorg.ld+json", "schemaorg"),
    ("application/vnd.datacite.datacite+json", "datacite.json"),
    ("application/vnd.datacite.datacite+xml", "datacite.xml"),
    ("application/xml", "datacite.xml"),
    ("text/xml", "datacite.xml"),
    ("application/vnd.citationstyles.csl+json", "csl"),
    ("text/x-bibliography", "citation"),
    ("application/x-bibtex", "bibtex"),
    ("application/x-research-info-systems", "ris"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One media range of an Accept header."""

    media: str
    q: float

    def fits(self, offer: str) -> int:
        """How exactly: 3 the very type, 2 `type/*`, 1 `*/*`, 0 not."""
        if self.media == offer:
            return 3
        if self.media == offer.partition("/")[0] + "/*":
            return 2
        return 1 if self.media == "*/*" else 0


def wanted(accept: str) -> str:
    """The form for an Accept header: "html" or the name of an export."""
    wishes = list(_wishes(accept))
    best, best_rank = HTML, (0.0, 0)
    for offer, form in OFFERS:
        rank = _rank(wishes, offer)
        if rank > best_rank:
            best, best_rank = form, rank
    return best


def _rank(wishes: list[Wish], offer: str) -> tuple[float, int]:
    """The q-value of the most exact range that fits, and whether it names the type itself."""
    fits = max(wishes, key=lambda wish: wish.fits(offer), default=Wish("", 0.0))
    exact = fits.fits(offer)
    if OFFERS[1][0] == offer and exact < 3 and Wish("text/html", 0.0) in wishes:
        # What answers it is text/html: no wildcard means it where that is refused.
        return 0.0, 0
    return (fits.q, int(exact == 3)) if exact and fits.q > 0 else (0.0, 0)


def _wishes(accept: str) -> Iterator[Wish]:
    for part in accept.split(",")[:50]:
        media, *parameters = (p.strip().lower() for p in part.split(";"))
        q = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield Wish(media, min(1.0, max(0.0, float(q))))
        except ValueError:
            continue
