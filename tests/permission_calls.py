"""Every address of the service with what it needs: the list that tests of permissions walk along.

A call in the list is one method at one address as the app knows it. `needs` is an action of the
lifecycle or of the permissions, or "site:" and a row of the site's permissions, "account" for
everybody who signs in, "" for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from excudit.store import publications
from permission_faces import FACES
from permission_house import HELPER, JUDGE, NOBODY
from web_house import RECORD

API = "/api/v1"
REASON = "Because of the third value."
BETTER = {**RECORD, "titles": [{"title": "A corrected title"}]}
SOON = publications.now() + timedelta(days=9)


@dataclass(frozen=True, slots=True)
class Call:
    """One address. `main`: the one that does the action, whose success is looked at; what the
    others answer once they are allowed depends on more than permission. `sent`: JSON for the API,
    fields for a page. `fills`: what stands in the address beside the publication."""

    method: str
    path: str
    needs: str
    sent: Any = None
    main: bool = False
    fills: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    query: str = ""

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def address(self, publication: str = NOBODY) -> str:
        """Where to call, for one publication."""
        return self.path.format(publication=publication, **self.fills) + self.query

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ANY_FILLS = {
    "user": HELPER,
    "edition": "1",
    "suggestion": NOBODY,
    "preview": NOBODY,
    "key": "basics",
    "does": "accept",
    "kind": "people",
    "token": NOBODY,
    "name": HELPER,
    "target": "registry",
    "source": "shelf",
    "bulk_id": NOBODY,
    "route": "to-doi",
    "health": "out_of_sync",
    "action": "resume",
    "form": "csv",
    "session": "0" * 64,
    "slug": "none",
    "gate": "quality",
    "plot": "track",
    "ref": "nothing",
    "named": "nothing",
    "data_id": NOBODY,
    "job": "nothing",
}


def _call(line: str, needs: str, sent: Any = None, **more: Any) -> Call:
    method, path = line.split(" ")
    path, mark, query = path.partition("?")
    names = {n for n in ANY_FILLS if "{" + n + "}" in path or "{" + n + ":path}" in path}
    fills = {n: ANY_FILLS[n] for n in names} | more.pop("fills", {})
    return Call(method, path, needs, sent, fills=fills, query=mark + query, **more)


_HERE = f"{API}/publications/{{publication}}"
_PAGE = "/publications/{publication}"


def _api(line: str, needs: str, sent: Any = None, **more: Any) -> Call:
    method, _, rest = line.partition(" ")
    return _call(f"{method} {_HERE}{rest}", needs, sent, **more)


def _page(line: str, needs: str, sent: Any = None, **more: Any) -> Call:
    method, _, rest = line.partition(" ")
    return _call(f"{method} {_PAGE}{rest}", needs, sent, **more)


_BECAUSE = {"reason": REASON}
_SURE = {"sure": "yes"}
_TYPED = {"base": "{base}", "titles.0.title": "Another title", "do": "save"}

API_ACTIONS: tuple[Call, ...] = (
    _api("GET ", "view", main=True),
    *(
        _api(f"GET /{name}", "view")
        for name in ("events", "files", "runs", "mails", "standing", "comments", "collaborators")
    ),
    _api("GET /deposits", "view"),
    *(_api(f"GET /{name}", "view") for name in ("changes", "editions", "labels", "suggestions")),
    _api("GET /editions/{edition}", "view"),
    _api("PUT /record", "edit", BETTER, main=True),
    _api("POST /undo", "edit"),
    _api("POST /reserve-doi", "edit"),
    _api("POST /editions/{edition}/restore", "edit"),
    _api("POST /submit", "submit", main=True),
    _api("DELETE ", "delete", main=True),
    _api("POST /approve", "approve", main=True),
    _api("POST /return", "return", _BECAUSE, main=True),
    _api("POST /reject", "reject", _BECAUSE, main=True),
    _api("POST /recall", "recall", main=True),
    _api("POST /cancel", "cancel", main=True),
    _api("POST /publish", "publish", main=True),
    _api("POST /stop", "stop", main=True),
    _api("POST /retry", "retry", main=True),
    _api("POST /amend", "amend", {**_BECAUSE, "record": BETTER}, main=True),
    _api("POST /new-version", "new_version", main=True),
    _api("POST /withdraw", "withdraw", _BECAUSE, main=True),
    _api("POST /comments", "comment", {"text": "I see."}, main=True),
    _api("POST /comments", "note", {"text": "Among us.", "internal": True}, main=True),
    _api(
        "POST /suggestions", "suggest", {"field": "/titles/0/title", "after": "Better"}, main=True
    ),
    _api("POST /suggestions/{suggestion}/accept", "decide"),
    _api("POST /suggestions/{suggestion}/decline", "decide"),
    _api("POST /suggestions/{suggestion}/take-back", "view"),
    _api("POST /assign", "assign", {"reviewer": JUDGE}, main=True),
    _api("POST /claim", "assign"),
    _api("POST /label", "label", {"label": "urgent"}, main=True),
    _api("POST /collaborators", "collaborate", {"who": HELPER}, main=True),
    _api("DELETE /collaborators/{user}", "collaborate"),
    _api("POST /previews", "preview", {"days": 3}, main=True),
    _api("GET /previews", "revoke_preview", main=True),
    _api("DELETE /previews/{preview}", "revoke_preview"),
    _api("PUT /publish-date", "schedule", {"publish_at": SOON.isoformat()}, main=True),
    _api("DELETE /publish-date", "schedule", main=True),
    _api("POST /archive", "archive", main=True),
    _api("POST /unarchive", "archive", main=True),
    _api("POST /copy", "copy", main=True),
    _api("GET /looks", "view"),
    _api("GET /export", "export"),
    _api("GET /export/file?path=a.csv", "export"),
    _api("GET /gates", "view"),
    _api("POST /gates/{gate}", "answer", {"verdict": "accepted"}),
)
"""What programs do with a publication."""

PAGE_ACTIONS: tuple[Call, ...] = (
    _page("GET ", "view", main=True),
    *(
        _page(f"GET /{name}", "view")
        for name in ("progress", "files", "metadata", "changes", "history", "mails", "discussion")
    ),
    _page("GET /review", "view", main=True),
    _page("GET /suggestions", "view"),
    _page("GET /edit/preview", "view"),
    _page("GET /edit/preview.json", "view"),
    _page("GET /edit/preview.xml", "view"),
    _page("GET /edit", "edit", main=True),
    _page("GET /edit/{key}", "edit", main=True),
    _page("POST /edit", "edit", _TYPED, main=True),
    _page("POST /edit/{key}", "edit", _TYPED, main=True),
    _page("POST /edit/undo", "edit"),
    _page("POST /edit/reserve", "edit", main=True),
    _page("GET /import", "edit", main=True),
    _page("POST /import", "edit"),
    _page("POST /import/save", "edit"),
    _page("POST /history/restore", "edit", {"edition": "1"}),
    _page("GET /submit", "submit", statuses=(200, 303, 422)),
    _page("POST /submit", "submit", main=True),
    _page("GET /delete", "delete", main=True),
    _page("POST /delete", "delete", _SURE, main=True),
    _page("GET /approve", "approve", main=True),
    _page("POST /approve", "approve", {"reason": "", "digest": ""}, main=True),
    _page("GET /return", "return", main=True),
    _page("POST /return", "return", _BECAUSE, main=True),
    _page("GET /reject", "reject", main=True),
    _page("POST /reject", "reject", _BECAUSE, main=True),
    _page("GET /recall", "recall", main=True),
    _page("POST /recall", "recall", main=True),
    _page("GET /cancel", "cancel", main=True),
    _page("POST /cancel", "cancel", _SURE, main=True),
    _page("GET /publish", "publish", main=True),
    _page("POST /publish", "publish", {"digest": "{digest}"}, main=True),
    _page("GET /stop", "stop", main=True),
    _page("POST /stop", "stop", _SURE, main=True),
    _page("GET /retry", "retry", main=True),
    _page("POST /retry", "retry", main=True),
    _page("GET /amend", "amend", main=True),
    _page(
        "POST /amend",
        "amend",
        {**_BECAUSE, "title": "A corrected title", "record": "{record}", "step": "send"},
        main=True,
    ),
    _page("GET /new-version", "new_version", main=True),
    _page("POST /new-version", "new_version", main=True),
    _page("GET /withdraw", "withdraw", main=True),
    _page("POST /withdraw", "withdraw", {**_BECAUSE, "step": "send"}, main=True),
    _page("POST /comments", "comment", {"text": "I see."}, main=True),
    _page("POST /review", "comment", {"text": "I see."}, main=True),
    _page("POST /comments", "note", {"text": "Among us.", "who": "internal"}, main=True),
    _page("POST /review", "note", {"text": "Among us.", "who": "internal"}, main=True),
    _page("GET /suggest", "suggest", main=True),
    _page("POST /suggest", "suggest", {"field": "/titles/0/title", "text": "Better"}, main=True),
    _page("POST /suggestions/accept", "decide", main=True),
    _page("POST /suggestions/{suggestion}/{does}", "decide"),
    _page("GET /assign", "assign", main=True),
    _page("POST /assign", "assign", {"reviewer": JUDGE, "seen": ""}, main=True),
    _page("GET /label", "label", main=True),
    _page("POST /label", "label", {"label": "urgent"}, main=True),
    _page("POST /collaborators", "collaborate", {"who": HELPER}, main=True),
    _page("POST /collaborators/remove", "collaborate", {"user": HELPER}),
    _page("GET /previews", "revoke_preview", main=True),
    _page("POST /previews", "preview", {"days": "3"}, main=True),
    _page("POST /previews/{preview}/revoke", "revoke_preview"),
    _page("GET /schedule", "schedule", main=True),
    _page("POST /schedule", "schedule", {"date": f"{SOON:%Y-%m-%d}", "time": "10:00"}, main=True),
    _page("POST /archive", "archive", main=True),
    _page("POST /unarchive", "archive", main=True),
    _page("POST /copy", "copy", main=True),
    _page("GET /data", "view"),
    _page("GET /data/{plot}.svg", "view"),
    _page("GET /export", "export", main=True),
    _page("GET /export/package", "export"),
    _page("GET /export/file?path=a.csv", "export"),
    _page("GET /gates/{gate}", "answer"),
    _page("POST /gates/{gate}", "answer", {"verdict": "accepted"}),
)
"""What people do with a publication."""

_LEFT = {"route": "to-doi", "ref": "alpha", "action": "look_again"}
SITE_CALLS: tuple[Call, ...] = (
    _call(f"GET {API}/queue", "site:queue"),
    _call(f"GET {API}/labels", "site:queue"),
    _call(f"POST {API}/bulks", "site:queue", {"action": "label", "publications": ["{mine}"]}),
    _call(f"POST {API}/labels", "site:define_labels", {"name": "{new}"}),
    _call(f"PUT {API}/labels", "site:define_labels", {"name": "urgent", "meaning": "Soon"}),
    _call(f"DELETE {API}/labels?name=spare", "site:define_labels"),
    _call(f"GET {API}/operations", "site:operate"),
    _call(f"GET {API}/operations/runs?health=out_of_sync", "site:operate"),
    _call(f"POST {API}/operations/retry", "site:operate", {"publications": ["{mine}"]}),
    _call(f"POST {API}/operations/targets/{{target}}/pause", "site:operate", _BECAUSE),
    _call(f"POST {API}/operations/targets/{{target}}/resume", "site:operate", {}),
    _call(f"POST {API}/operations/probe", "site:operate"),
    _call(f"GET {API}/operations/gates", "site:operate"),
    _call(f"GET {API}/operations/intake", "site:operate"),
    _call(f"POST {API}/operations/intake", "site:operate", _LEFT, statuses=(404,)),
    _call(f"GET {API}/operations/fixity", "site:operate"),
    _call(f"POST {API}/operations/targets/{{target}}/fixity", "site:operate", statuses=(404, 409)),
    _call(f"GET {API}/operations/mails", "site:operate"),
    _call(f"POST {API}/operations/mails/resend", "site:operate", {"mails": [1]}),
    _call(f"GET {API}/audit", "site:audit"),
    _call(f"GET {API}/people", "site:people"),
    _call(f"GET {API}/people/{{name}}", "site:people"),
    _call(f"PUT {API}/people/{{name}}/roles", "site:people", {**_BECAUSE, "roles": []}),
    _call(f"POST {API}/people/{{name}}/disable", "site:people", _BECAUSE),
    _call(f"POST {API}/people/{{name}}/enable", "site:people", _BECAUSE),
    _call("GET /queue", "site:queue"),
    _call("POST /queue/bulk", "site:queue", {"action": "label", "chosen": "{mine}"}),
    _call("GET /labels", "site:queue"),
    _call("POST /labels", "site:define_labels", {"name": "{new}"}),
    _call("POST /labels/describe", "site:define_labels", {"name": "urgent", "meaning": "Soon"}),
    _call(
        "POST /labels/{does}", "site:define_labels", {"name": "urgent"}, fills={"does": "restore"}
    ),
    _call("GET /operations", "site:operate"),
    _call("GET /operations/runs/{health}", "site:operate"),
    _call("POST /operations/retry", "site:operate", {"health": "out_of_sync", "sure": "yes"}),
    _call("POST /operations/targets/{target}/{action}", "site:operate"),
    _call("POST /operations/probe", "site:operate"),
    _call("GET /operations/questions", "site:operate"),
    _call("GET /operations/intake", "site:operate"),
    _call("POST /operations/intake", "site:operate", _LEFT, statuses=(404,)),
    _call("POST /operations/fixity/{target}", "site:operate", statuses=(303, 404, 409)),
    _call("GET /operations/mails", "site:operate"),
    _call("POST /operations/mails", "site:operate", {"mail": "1"}),
    _call("GET /operations/routes", "site:operate"),
    _call("GET /audit", "site:audit"),
    _call("GET /audit/export.{form}", "site:audit"),
    _call("GET /people", "site:people"),
    _call("GET /people/{name}", "site:people"),
    _call("POST /people/{name}/roles", "site:people", _BECAUSE),
    _call("POST /people/{name}/disable", "site:people", _BECAUSE),
    _call("POST /people/{name}/enable", "site:people", _BECAUSE),
)
"""What is done with the site."""

_DATASET = {"source": "shelf", "ref": "alpha"}
ACCOUNT_CALLS: tuple[Call, ...] = (
    _call(f"GET {API}/publications", "account"),
    _call(f"POST {API}/publications", "account", {"route": "to-doi", "ref": "alpha"}),
    _call(f"GET {API}/routes", "account"),
    _call(f"GET {API}/datasets?route=to-doi", "account"),
    _call(f"POST {API}/records/check", "account", {"record": {}}),
    _call(f"GET {API}/names/{{kind}}", "account"),
    _call(f"GET {API}/mail-preferences", "account"),
    _call(f"PATCH {API}/mail-preferences", "account", {"mails": {}}),
    _call(f"GET {API}/basket", "account"),
    _call(f"PUT {API}/basket", "account", {"datasets": [_DATASET]}),
    _call(f"POST {API}/basket", "account", {"datasets": [_DATASET]}),
    _call(f"DELETE {API}/basket", "account"),
    _call(f"GET {API}/basket/check?route=to-doi", "account"),
    _call(f"GET {API}/sources/{{source}}/datasets", "account"),
    _call(f"GET {API}/account", "account"),
    _call(f"GET {API}/account/tokens", "account"),
    _call(f"POST {API}/account/tokens", "account", {"label": "a program"}),
    _call(f"DELETE {API}/account/tokens/{{token}}", "account", statuses=(404,)),
    _call(f"GET {API}/bulks/{{bulk_id}}", "account", statuses=(404,)),
    _call(f"POST {API}/bulks/{{bulk_id}}/carry-out", "account", {"count": 0}, statuses=(404,)),
    # The source of the route takes no documents.
    _call(f"POST {API}/routes/{{route}}/documents", "account", {}, statuses=(501,)),
    _call(f"POST {API}/routes/{{route}}/documents/{{ref}}/publish", "account", statuses=(404,)),
    _call("GET /hand-in/{route}", "account", statuses=(501,)),
    _call("POST /hand-in/{route}", "account", statuses=(501,)),
    _call("GET /hand-in/{route}/kept/{ref}", "account", statuses=(404,)),
    _call("POST /hand-in/{route}/kept/{ref}", "account", statuses=(404,)),
    _call("GET /desk", "account"),
    _call("GET /desk/mine", "account"),
    _call("GET /publications/new", "account"),
    _call("GET /publications/new/{route}", "account"),
    _call("POST /publications/new/{route}/pick", "account", statuses=(303, 422)),
    _call("GET /publications/new/{route}/summary", "account", statuses=(200, 303)),
    _call("POST /publications/new/{route}/summary", "account", statuses=(303, 422)),
    _call("GET /basket", "account"),
    _call("POST /basket/remove", "account", _DATASET),
    _call("GET /basket/empty", "account"),
    _call("POST /basket/empty", "account"),
    _call("POST /basket/count", "account"),
    _call("GET /pick/{kind}", "account"),
    _call("GET /queue/bulk/{key}", "account", statuses=(404,), fills={"key": NOBODY}),
    _call("POST /queue/bulk/{key}", "account", statuses=(404,), fills={"key": NOBODY}),
    _call("GET /preferences", "account"),
    _call("POST /preferences", "account"),
    _call("GET /account", "account"),
    _call("POST /account", "account", {"full_name": "N. Ora"}),
    _call("POST /account/password", "account", statuses=(422,)),
    _call(
        "POST /account/tokens",
        "account",
        {"label": "a program", "days": "3", "scopes": "read"},
    ),
    _call("POST /account/tokens/{token}/revoke", "account", statuses=(404,)),
    _call("POST /account/sessions/{session}/end", "account", statuses=(404,)),
    _call("GET /sign-in/held", "account", statuses=(200, 303)),
    _call("POST /sign-in/held/forget", "account"),
)
"""What everybody does who has signed in."""

PUBLIC_CALLS: tuple[Call, ...] = (
    _call(f"POST {API}/gates/{{token}}", "", {"verdict": "accepted"}, statuses=(404,)),
    *(_call(line, "", statuses=statuses) for line, statuses in FACES),
    _call("GET /", ""),
    _call("GET /d/{slug}", "", statuses=(404,)),
    _call("GET /d/{slug}/export/{form}", "", statuses=(404,)),
    _call("GET /problems/{kind}", "", fills={"kind": "not-found"}, statuses=(200, 404)),
    _call("GET /static/brand/{name}", "", statuses=(404,)),
    _call("GET /robots.txt", ""),
    _call("GET /favicon.svg", ""),
    _call("GET /favicon.ico", ""),
    _call("GET /metrics", "", statuses=(401,)),
    _call("GET /health", "", statuses=(200, 503)),
    _call(f"GET {API}/openapi.json", ""),
    _call("GET /help", ""),
    _call("GET /accessibility", ""),
    _call("GET /preview/{token}", "", statuses=(404,)),
    _call("GET /sign-in", ""),
    _call("GET /sign-in/session", ""),
    _call("GET /sign-in/openid", "", statuses=(404,)),
    _call("GET /sign-in/openid/back", "", statuses=(404,)),
    _call("GET /sign-in/openid/end", "", statuses=(404,)),
    _call("GET /sign-in/openid/ended", "", statuses=(404, 200)),
    # Signed by the provider or by a password, so without an account or its mark.
    _call("POST /sign-in/openid/logout", "", statuses=(404,)),
    _call("POST /sign-in", "", statuses=(303,)),
    _call("POST /sign-in/sample", "", statuses=(303, 404)),
    _call("POST /sign-out", "", statuses=(303,)),
    _call("POST /sign-out/elsewhere", "", statuses=(303,)),
    _call("POST /sign-in/extend", "", statuses=(303,)),
)
"""What anybody does."""

EVERY = API_ACTIONS + PAGE_ACTIONS + SITE_CALLS + ACCOUNT_CALLS + PUBLIC_CALLS
