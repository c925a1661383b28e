"""Whether a DataCite target is set up rightly, and how to mend it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from excudit.domain.errors import Denied, ExcuditError, NotFound, Rejected
from excudit.domain.problem import Problem
from excudit.settings import Site
from excudit.targets.datacite.registry import Registry, Resolver
from excudit.targets.datacite.settings import DataCiteSettings

RULE = "datacite.probe"


def probe(
    settings: DataCiteSettings, site: Site, registry: Registry, resolver: Resolver
) -> list[Problem]:
    """All problems at once; nothing is sent to a registry that is not up."""
    problems = list(_unresolving(settings, resolver))
    host = urlsplit(site.base_url).hostname or ""
    if not allowed(host, settings.domains):
        problems.append(_domain(host, ", ".join(settings.domains), "this target's own"))
    try:
        registry.heartbeat()
        account = registry.account(settings.username)
    except ExcuditError as error:
        return [*problems, _unusable(settings, error)]
    return [*problems, *_prefixes(settings, account), *_domains(host, account)]


def _unusable(settings: DataCiteSettings, error: ExcuditError) -> Problem:
    if isinstance(error, NotFound):
        return _told("/username", error, "Check the name of the repository account.")
    if isinstance(error, Denied | Rejected):
        return _told("/password", error, error.hint)
    return _told("/url", error, f"Check url = {settings.url!r} and the network.")


def allowed(host: str, domains: list[str]) -> bool:
    """Whether a host is named by `*`, by its own name, or by `*.suffix`."""
    return any(
        rule in {"*", host} or (rule.startswith("*.") and host.endswith(rule[1:]))
        for rule in (domain.strip().lower() for domain in domains)
    )


def _unresolving(settings: DataCiteSettings, resolver: Resolver) -> Iterator[Problem]:
    try:
        resolver.handle(f"{settings.prefix}/excudit-probe")
    except ExcuditError as error:
        yield _told("/resolver_url", error, f"Check resolver_url = {settings.resolver_url!r}.")


def _prefixes(settings: DataCiteSettings, account: Mapping[str, Any]) -> Iterator[Problem]:
    related = account.get("relationships") or {}
    entries = (related.get("prefixes") or {}).get("data") or ()
    owned = [str(entry.get("id")) for entry in entries if isinstance(entry, dict)]
    for i, prefix in enumerate(settings.prefixes):
        if prefix not in owned:
            yield Problem(
                f"/older_prefixes/{i - 1}" if i else "/prefix",
                f"The prefix {prefix} does not belong to {settings.username}.",
                f"It has: {', '.join(owned) or 'none'}. Test and production prefixes differ.",
                rule=RULE,
            )


def _domains(host: str, account: Mapping[str, Any]) -> Iterator[Problem]:
    said = str((account.get("attributes") or {}).get("domains") or "")
    if said and not allowed(host, said.split(",")):
        yield _domain(host, said, "the repository account's")


def _domain(host: str, domains: str, whose: str) -> Problem:
    return Problem(
        "/domains",
        f"Landing pages at {host} are not allowed by {whose} domains setting ({domains}).",
        "Add the host to that setting, or set site.base_url to an address that it allows.",
        rule=RULE,
    )


def _told(where: str, error: ExcuditError, mend: str) -> Problem:
    said = f" It said: {error.remote}" if error.remote else ""
    return Problem(where, f"{error.message}{said}", mend, rule=RULE)
