"""Which call does what: method and path, with "*" for one part and "**" for the rest."""

from __future__ import annotations

from collections.abc import Callable

from excudit.sandbox.invenio import drafts, legacy, pages, reviews, uploads
from excudit.sandbox.invenio.exchange import Call, Reply
from excudit.sandbox.invenio.records import Records

Act = Callable[[Records, Call], Reply]
_FILE = "api/records/*/draft/files/*"
_DEPOSIT = "api/deposit/depositions"
RDM: dict[tuple[str, str], Act] = {
    ("GET", ""): pages.index,
    ("GET", "records/*"): pages.record,
    ("GET", "uploads/*"): pages.record,
    ("GET", "dois/**"): drafts.doi,
    ("POST", "api/records"): drafts.create,
    ("GET", "api/user/records"): drafts.listing,
    ("GET", "api/records/*"): drafts.show,
    ("DELETE", "api/records/*"): drafts.refuse_delete,
    ("GET", "api/records/*/draft"): drafts.show_draft,
    ("PUT", "api/records/*/draft"): drafts.change_draft,
    ("POST", "api/records/*/draft"): drafts.edit,
    ("DELETE", "api/records/*/draft"): drafts.delete_draft,
    ("POST", "api/records/*/draft/pids/doi"): drafts.reserve_doi,
    ("DELETE", "api/records/*/draft/pids/doi"): drafts.free_doi,
    ("POST", "api/records/*/draft/actions/publish"): drafts.publish,
    ("POST", "api/records/*/draft/actions/files-import"): uploads.take_over,
    ("POST", "api/records/*/versions"): drafts.new_version,
    ("GET", "api/records/*/files"): uploads.public_files,
    ("GET", "api/records/*/files/*/content"): uploads.download,
    ("GET", "api/records/*/draft/files"): uploads.draft_files,
    ("POST", "api/records/*/draft/files"): uploads.begin,
    ("GET", _FILE): uploads.show_file,
    ("DELETE", _FILE): uploads.remove,
    ("PUT", f"{_FILE}/content"): uploads.content,
    ("PUT", f"{_FILE}/content/*"): uploads.piece,
    ("POST", f"{_FILE}/commit"): uploads.commit,
    ("GET", "api/communities/*"): reviews.community,
    ("PUT", "api/records/*/draft/review"): reviews.ask,
    ("GET", "api/records/*/draft/review"): reviews.show,
    ("DELETE", "api/records/*/draft/review"): reviews.drop,
    ("POST", "api/records/*/draft/actions/submit-review"): reviews.submit,
    ("GET", "api/requests/*"): reviews.show_request,
    ("POST", "api/requests/*/actions/*"): reviews.act,
}
LEGACY: dict[tuple[str, str], Act] = {
    ("POST", _DEPOSIT): legacy.create,
    ("GET", _DEPOSIT): legacy.listing,
    ("GET", f"{_DEPOSIT}/*"): legacy.show,
    ("PUT", f"{_DEPOSIT}/*"): legacy.change,
    ("DELETE", f"{_DEPOSIT}/*"): legacy.delete,
    ("POST", f"{_DEPOSIT}/*/actions/publish"): legacy.publish,
    ("POST", f"{_DEPOSIT}/*/actions/edit"): legacy.edit,
    ("POST", f"{_DEPOSIT}/*/actions/newversion"): legacy.new_version,
    ("POST", f"{_DEPOSIT}/*/actions/discard"): legacy.delete,
    ("GET", f"{_DEPOSIT}/*/files"): legacy.files,
    ("PUT", f"{_DEPOSIT}/*/files"): legacy.not_there,
    ("GET", f"{_DEPOSIT}/*/files/*"): legacy.show_file,
    ("PUT", f"{_DEPOSIT}/*/files/*"): legacy.not_there,
    ("DELETE", f"{_DEPOSIT}/*/files/*"): legacy.remove_file,
    ("GET", "api/files/*"): legacy.bucket,
    ("PUT", "api/files/*/*"): legacy.put,
    ("GET", "api/files/*/*"): legacy.bucket_file,
    ("DELETE", "api/files/*/*"): legacy.empty,
}


def find(method: str, parts: tuple[str, ...], *, zenodo: bool) -> Act | None:
    """What answers a call; None = nothing does."""
    for (verb, pattern), act in {**RDM, **(LEGACY if zenodo else {})}.items():
        if verb == method and _fits(pattern.split("/") if pattern else [], parts):
            return act
    return None


def _fits(pattern: list[str], parts: tuple[str, ...]) -> bool:
    if pattern[-1:] == ["**"]:
        return len(parts) >= len(pattern) and _fits(pattern[:-1], parts[: len(pattern) - 1])
    return len(pattern) == len(parts) and all(
        p in ("*", part) for p, part in zip(pattern, parts, strict=True)
    )
