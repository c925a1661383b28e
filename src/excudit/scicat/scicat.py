"""One SciCat: datasets, file lists, attachments, jobs, publications."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from excudit.domain.errors import Denied, NotFound
from excudit.http import path_of
from excudit.scicat.api import MERGE, Api, Row, filtered
from excudit.scicat.blocks import Blocks
from excudit.scicat.jobs import Jobs
from excudit.scicat.published import PublishedData
from excudit.scicat.session import Whoami
from excudit.scicat.settings import Reading
from excudit.settings import Site


class SciCat:
    """One SciCat as one account, or as a stranger where the settings name none.

    No I/O while it is made. Safe for many threads. The caller closes it.
    """

    def __init__(
        self,
        name: str,
        settings: Reading,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
        api: Api | None = None,
    ) -> None:
        self.api = api or Api(name, settings, site, take=take)
        self.name = name
        self.url = settings.url
        self.blocks = Blocks(self.api)
        self.jobs = Jobs(self.api)
        self.published = PublishedData(self.api)
        self._settings, self._site = settings, site

    def close(self) -> None:
        """Close the connections; it cannot be used any more."""
        self.api.close()

    def speaking_for(self, token: Callable[[], SecretStr]) -> SciCat:
        """The same SciCat with somebody's own token. The caller closes it."""
        api = self.api.speaking_for(token)
        return SciCat(self.name, self._settings, self._site, api=api)

    def healthy(self) -> bool:
        """Whether the backend and its database say that they are well."""
        answer = self.api.call("GET", "/api/v3/health", expect={200, 503}, stranger=True)
        return isinstance(answer.value, dict) and answer.value.get("status") == "ok"

    def known(self) -> Whoami:
        """Who our account is there. Raises Denied when it is nobody."""
        return self.api.known()

    def dataset(self, pid: str) -> Row:
        """One dataset. Raises NotFound, Denied where the account may not read it."""
        row = self.find_dataset(pid)
        if row is None:
            raise NotFound(
                f"{self.name} has no dataset {pid}.", hint="Look for it in SciCat by its PID."
            )
        return row

    def find_dataset(self, pid: str) -> Row | None:
        """One dataset, None where there is none."""
        path = path_of("api", self.api.version, "datasets", pid)
        answer = self.api.call("GET", path, expect={200, 404})
        row = answer.value if answer.status == 200 else None
        return row if isinstance(row, dict) and row.get("pid") else None

    def public_dataset(self, pid: str) -> Row | None:
        """What a stranger sees; None where it is private or missing (200 and empty)."""
        if self.api.version == "v4":
            parts: tuple[str, ...] = ("v4", "datasets", "public", pid)
        else:
            parts = ("v3", "datasets", pid)
        try:
            row = self.api.call(
                "GET", path_of("api", *parts), stranger=True, expect={200, 404}
            ).value
        except Denied:
            return None
        return row if isinstance(row, dict) and row.get("pid") else None

    def datasets(
        self, where: Mapping[str, Any], *, most: int = 0, fields: tuple[str, ...] = ()
    ) -> Iterator[Row]:
        """Datasets that the account may see, by PID; `fields` = only these members.

        `where` speaks Mongo ("$or", "$in", "$regex"); with v3 it is rewritten as loopback has it.
        """
        if self.api.version == "v4":
            yield from self.api.listed(
                "v4", "datasets", where=where, sort="pid", most=most, fields=fields
            )
            return
        limits = {"limit": most or 1000, "skip": 0, "order": "pid:asc"}
        only = {"fields": list(fields)} if fields else {}
        query = filtered({"where": loopback(where), "limits": limits, **only})
        yield from self.api.get("v3", "datasets", query=query) or ()

    def create_dataset(self, body: Mapping[str, Any]) -> Row:
        """Post a dataset (v4). With its PID: Conflict when it is there already."""
        self.api.needs_v4("making datasets")
        row: Row = self.api.call("POST", "/api/v4/datasets", json=dict(body)).value
        return row

    def change_dataset(self, pid: str, body: Mapping[str, Any]) -> Row:
        """Merge members into a dataset (RFC 7386: null removes). Idempotent. Plain JSON would
        reset what stands beside them inside nested members."""
        path = path_of("api", "v4", "datasets", pid)
        row: Row = self.api.call("PATCH", path, json=dict(body), content_type=MERGE).value
        return row

    def remove_dataset(self, pid: str) -> None:
        """Delete it; needs DELETE_GROUPS. Absent = done."""
        self.api.call("DELETE", path_of("api", "v4", "datasets", pid), expect={200, 404})

    def attachments(
        self, pid: str, *, stranger: bool = False, fields: tuple[str, ...] = ()
    ) -> Iterator[Row]:
        """All attachments of a dataset, with their thumbnails unless `fields` names others."""
        if self.api.version == "v4":
            parts = ("v4", "attachments", *(("public",) if stranger else ()))
            where = {"relationships.targetId": pid}
            yield from self.api.listed(
                *parts,
                where=where,
                page=100 if fields else 20,
                stranger=stranger,
                fields=fields,
            )
            return
        yield from self.api.get("v3", "datasets", pid, "attachments", stranger=stranger) or ()

    def find_attachment(self, aid: str) -> Row | None:
        """One attachment by our own id; None where there is none."""
        path = path_of("api", "v4", "attachments", aid)
        answer = self.api.call("GET", path, expect={200, 404})
        return answer.value if answer.status == 200 and answer.value else None

    def add_attachment(self, body: Mapping[str, Any]) -> Row:
        """Post one with our own "aid". A second one with it is answered 500: look first."""
        row: Row = self.api.call("POST", "/api/v4/attachments", json=dict(body)).value
        return row

    def change_attachment(self, aid: str, body: Mapping[str, Any]) -> Row:
        """Merge members into an attachment. Idempotent."""
        path = path_of("api", "v4", "attachments", aid)
        row: Row = self.api.call("PATCH", path, json=dict(body), content_type=MERGE).value
        return row

    def remove_attachment(self, aid: str) -> None:
        """Delete it. Absent = done."""
        self.api.call("DELETE", path_of("api", "v4", "attachments", aid), expect={200, 404})

    def user_token(self, username: str, *, life: str = "10m") -> SecretStr:
        """A short-lived token of a user (admins only). Raises NotFound, Denied."""
        for user in self.api.get("v3", "users") or ():
            if username in (user.get("username"), user.get("email")):
                id_ = str(user.get("_id") or user.get("id"))
                path = path_of("api", "v3", "users", id_, "jwt")
                minted = self.api.call("POST", path, json={"expiresIn": life}).value
                return SecretStr(str(minted["jwt"]))
        raise NotFound(f"{self.name} has no user {username}.")


def loopback(where: Any) -> Any:
    """A Mongo filter as v3 has it: "$in" is "inq", "$or" is "or"."""
    names = {"$in": "inq", "$or": "or", "$and": "and", "$regex": "regexp"}
    if isinstance(where, Mapping):
        kept = {k: v for k, v in where.items() if k != "$options"}
        return {names.get(k, k): loopback(v) for k, v in kept.items()}
    return [loopback(one) for one in where] if isinstance(where, list) else where
