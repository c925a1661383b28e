"""Which function answers which address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from excudit.sandbox.scicat import (
    accounts,
    blocks,
    datasets,
    jobs,
    published,
    published_v3,
)
from excudit.sandbox.serving import Reply

Act = Callable[..., Reply]
_ANY = "*"
# "METHOD version path", "*" stands for an id.
_ROUTES: Mapping[str, Act] = {
    "GET v3 health": accounts.health,
    "POST v3 auth/login": accounts.login,
    "POST v3 auth/ldap": accounts.login,
    "POST v3 Users/login": accounts.legacy,
    "POST v3 auth/logout": accounts.logout,
    "GET v3 auth/whoami": accounts.whoami,
    "GET v3 users/my/self": accounts.myself,
    "GET v3 users": accounts.everybody,
    "POST v3 users/*/jwt": accounts.mint,
    "POST v4 datasets": datasets.create,
    "POST v4 datasets/isValid": datasets.valid,
    "GET v4 datasets": datasets.listed,
    "GET v4 datasets/count": datasets.count,
    "GET v4 datasets/public": partial(datasets.listed, public=True),
    "GET v4 datasets/public/*": datasets.get_public,
    "GET v4 datasets/*": datasets.get,
    "PATCH v4 datasets/*": datasets.change,
    "DELETE v4 datasets/*": datasets.remove,
    "GET v3 datasets": datasets.listed,
    "GET v3 datasets/*": datasets.get,
    "PATCH v3 datasets/*": datasets.change,
    "DELETE v3 datasets/*": datasets.remove,
    "POST v3 datasets/*/origdatablocks": blocks.add,
    "GET v3 datasets/*/origdatablocks": blocks.of_dataset,
    "POST v4 origdatablocks": blocks.add,
    "GET v4 origdatablocks": blocks.listed,
    "GET v4 origdatablocks/public": partial(blocks.listed, public=True),
    "GET v4 origdatablocks/*": blocks.get,
    "PATCH v4 origdatablocks/*": blocks.change,
    "DELETE v4 origdatablocks/*": blocks.remove,
    "GET v3 origdatablocks": blocks.listed,
    "POST v4 attachments": blocks.attach,
    "GET v4 attachments": blocks.attachments,
    "GET v4 attachments/public": partial(blocks.attachments, public=True),
    "GET v4 attachments/*": blocks.attachment,
    "PATCH v4 attachments/*": blocks.change_attachment,
    "DELETE v4 attachments/*": blocks.remove_attachment,
    "GET v3 datasets/*/attachments": lambda call, pid: blocks.attachments(call, pid=pid),
    "POST v4 jobs": jobs.create,
    "POST v3 jobs": jobs.create_v3,
    "GET v4 jobs": jobs.listed,
    "GET v4 jobs/*": jobs.get,
    "PATCH v4 jobs/*": jobs.change,
    "GET v4 publisheddata/config": published.config,
    "GET v4 publisheddata/count": published.count,
    "GET v4 publisheddata/formpopulate": published.populated,
    "POST v4 publisheddata": published.create,
    "GET v4 publisheddata": published.listed,
    "GET v4 publisheddata/*": published.get,
    "PATCH v4 publisheddata/*": published.change,
    "DELETE v4 publisheddata/*": published.remove,
    "POST v4 publisheddata/*/publish": published.publish,
    "POST v4 publisheddata/*/register": published.register,
    "POST v4 publisheddata/*/amend": published.amend,
    "POST v4 publisheddata/*/resync": published.resync,
    "POST v3 publisheddata": published_v3.create,
    "GET v3 publisheddata": published_v3.listed,
    "GET v3 publisheddata/*": published_v3.get,
    "PATCH v3 publisheddata/*": published_v3.change,
    "DELETE v3 publisheddata/*": published_v3.remove,
    "POST v3 publisheddata/*/register": published_v3.register,
    "POST v3 publisheddata/*/resync": published_v3.resync,
}
# These ask others, who may ask us back: the store is not kept locked meanwhile.
OUTSIDE: frozenset[Any] = frozenset(
    {jobs.create, jobs.create_v3, published.register, published_v3.register}
)


def find(
    method: str, parts: tuple[str, ...], *, legacy: bool
) -> tuple[Act, tuple[str, ...]] | None:
    """The function and the ids in the path; None where SciCat has no such route."""
    if len(parts) < 3 or parts[0] != "api":
        return None
    version, inner = parts[1], parts[2:]
    if legacy and version == "v4" and inner[0] == "publisheddata":
        return None
    act = _ROUTES.get(f"{method} {version} {'/'.join(inner)}")
    if act is not None and "/" not in "".join(inner):
        return act, ()
    for at in range(len(inner) - 1, 0, -1):
        pattern = "/".join((*inner[:at], _ANY, *inner[at + 1 :]))
        act = _ROUTES.get(f"{method} {version} {pattern}")
        if act is not None:
            return act, (inner[at],)
    return None
