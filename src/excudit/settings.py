"""One typed TOML file: excudit.toml. Every setting of the service stands here.

Secrets are never written in it: a setting whose name ends in `_file` or `_env` says where the
secret is.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from excudit.domain.colours import DARK_GROUNDS, LIGHT_GROUNDS, lightened, refusal
from excudit.domain.errors import Rejected
from excudit.domain.permissions import ROLES_SENTENCE, is_role
from excudit.domain.problem import Problem
from excudit.domain.words import VOCABULARIES


class Strict(BaseModel):
    """Settings know their names: an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Strict):
    """Where a secret is kept: exactly one of an environment variable or a file.

    `env`: the name of an environment variable. `file`: the path of a file with the secret alone.
    """

    env: str = ""
    file: str = ""

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if bool(self.env) == bool(self.file):
            raise ValueError('give exactly one of env = "NAME" or file = "/path"')
        return self

    def read(self) -> SecretStr:
        """The secret itself, without the line end. Raises Rejected when it is not there."""
        if self.env:
            value = os.environ.get(self.env)
            if value is None:
                raise Rejected(
                    f"The environment variable {self.env} is not set.",
                    hint=f"Set {self.env} for the service, or name a file instead.",
                )
            return SecretStr(value)
        try:
            return SecretStr(Path(self.file).read_text(encoding="utf-8").rstrip("\r\n"))
        except OSError as error:
            raise Rejected(
                f"The secret file {self.file} cannot be read: {error.strerror}.",
                hint="Create it, readable by the service's user only.",
            ) from error


class Site(Strict):
    """Who runs this service, and under which address the public reaches it.

    `name`: the site's name on pages and in mails. `base_url`: the public address; landing pages
    stand below it, so it must stay. `contact`: the operators' mail address, told to registries
    and written to when they must act. `language`: of the pages, as BCP 47 names it; "en" needs no
    catalogue. `catalogues`: a folder with LANGUAGE/LC_MESSAGES/excudit.mo for further languages;
    "" = only those that came with excudit. `doi_lookup`: the resolver that is asked for the
    metadata of a DOI when somebody imports by one; "" = none is asked. `doi_hosts`: the only hosts
    (host, or host:port) to which its redirects are followed. `remind_after_days`: whoever acts
    next is reminded after so many days, and again; 0 = nobody is. `logo`: path of a picture (SVG,
    PNG, JPEG or WebP, at most 100 kB) that stands on top of every page; "" = none. `logo_alt`: what
    it says to those who do not see it; then it stands instead of the name, else beside it.
    `colour`: of links on pages and of buttons in mails, as #rrggbb, that can be read on white; "" =
    excudit's own. `colour_dark`: the same on dark grounds; "" = `colour`, lightened as needed.
    """

    name: str = "excudit"
    base_url: str = "http://127.0.0.1:8080"
    contact: str = "excudit@localhost"
    language: str = Field(default="en", pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
    catalogues: str = ""
    doi_lookup: str = "https://doi.org"
    doi_hosts: list[str] = Field(
        default_factory=lambda: ["data.crosscite.org", "api.datacite.org", "data.datacite.org"]
    )
    remind_after_days: int = Field(7, ge=0, le=365)
    logo: str = ""
    logo_alt: str = ""
    colour: str = ""
    colour_dark: str = ""

    @model_validator(mode="after")
    def _readable(self) -> Site:
        for name, colour, grounds in (
            ("colour", self.colour, LIGHT_GROUNDS),
            ("colour_dark", self.colour_dark, DARK_GROUNDS),
        ):
            if colour and (why := refusal(colour, grounds)):
                raise ValueError(f"{name}: {why}")
        if self.colour_dark and not self.colour:
            raise ValueError("colour_dark: give colour, for light grounds, too")
        return self

    @property
    def accents(self) -> tuple[str, str]:
        """The site's colour on light and on dark grounds; "" = excudit's own."""
        if not self.colour:
            return "", ""
        return self.colour, self.colour_dark or lightened(self.colour, DARK_GROUNDS)


class Service(Strict):
    """Where the service keeps its state and listens.

    `data_dir`: the service's own folder, relative to where it is started. `database`: "" = SQLite
    file in that folder; else a `postgresql+psycopg://` URL. `database_password`: its password,
    kept out of the URL. `host`: the address to listen on. `port`: the TCP port to listen on.
    `workers`: publications worked on at the same time, in each worker process. `keep_runs_days`:
    finished engine rows are deleted after so many days (events stay for ever). `datacite_xsd`:
    path of DataCite's official kernel-4 XSD, to have it judge every record too; "" = not asked.
    `metrics`: who may read `/metrics` (Prometheus): "admin" = only with an admin's token of the
    scopes read and operate, "public" = everybody, "off" = nobody.
    """

    data_dir: Path = Path("excudit-data")
    database: str = ""
    database_password: Secret | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = Field(8, ge=1, le=200)
    keep_runs_days: int = Field(30, ge=1)
    datacite_xsd: str = ""
    metrics: Literal["admin", "public", "off"] = "admin"


class OpenID(Strict):
    """An OpenID Provider that people sign in with (OpenID Connect Core 1.0).

    `title`: what the button says. `issuer`: its address; discovery finds the rest.
    `client_id`: our name there. `client_secret`: our password there; none = public client, PKCE
    alone. `scopes`: what is asked for. `name_claim`: the claim that names the account here.
    `roles_claim`: the claim with the groups or roles, "" = none; "a.b" looks inside.
    `roles`: group there → roles here ("curator", or "curator:ROUTE" for one route); a group with
    no roles may ask for publications, "*" is everybody, and who is in none of them is refused.
    `new_accounts`: whoever signs in first gets an account; false = only accounts that were added
    with `excudit user add NAME --subject SUBJECT`.
    """

    title: str = "Sign in with your organisation"
    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: list[str] = Field(default_factory=lambda: ["openid", "profile", "email"])
    name_claim: str = "sub"
    roles_claim: str = ""
    roles: dict[str, list[str]] = Field(default_factory=dict)
    new_accounts: bool = True

    @model_validator(mode="after")
    def _trustworthy(self) -> OpenID:
        address = urlsplit(self.issuer)
        if address.scheme != "https" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("issuer: an https:// address is due, or nobody could trust its keys")
        if "openid" not in self.scopes:
            raise ValueError('scopes: "openid" has to be among them')
        if bool(self.roles_claim) != bool(self.roles):
            raise ValueError("give both roles_claim and roles, or none of them")
        unknown = {r for rs in self.roles.values() for r in rs if not is_role(r)}
        if unknown:
            raise ValueError(f"roles: {', '.join(sorted(unknown))} is no role; {ROLES_SENTENCE}")
        return self


class SignIn(Strict):
    """How people sign in with a browser.

    `local`: accounts with a password, kept here (`excudit user password NAME`). `openid`: an
    OpenID Provider. `session_minutes`: a session ends so long after its last use. `tries`: wrong
    passwords for one account or from one address within a quarter of an hour before it must wait.
    `proxies`: addresses of reverse proxies that are believed when they tell, as the last one in
    X-Forwarded-For, from where a visitor comes.
    """

    local: bool = True
    openid: OpenID | None = None
    session_minutes: int = Field(480, ge=1)
    tries: int = Field(10, ge=1)
    proxies: list[str] = Field(default_factory=lambda: ["127.0.0.1", "::1"])


class Mail(Strict):
    """How mail is sent.

    `host`: the SMTP server; "" = mails stay in the outbox and are shown, not sent. `port`: its
    TCP port. `sender`: the address mails come from. `security`: "none", "starttls" or "tls".
    `username`: the account at the server; "" = no login. `password`: its password.
    `digest_hour`: the hour (UTC) at which daily digests go out. `gather_s`: comments and
    suggestions on one publication go out in one mail once none came for so many seconds, or with
    the decision; 0 = each at once.
    """

    host: str = ""
    port: int = 25
    sender: str = "excudit@localhost"
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: Secret | None = None
    digest_hour: int = Field(6, ge=0, le=23)
    gather_s: int = Field(30, ge=0, le=3600)


class Plugged(BaseModel):
    """One source or target: its `kind`, and the plug-in's own settings.

    `kind`: the name of the plug-in. `title`: what people read; "" = its name here.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str
    title: str = ""

    def own(self) -> dict[str, Any]:
        """The plug-in's own settings."""
        return dict(self.model_extra or {})


class Quality(Strict):
    """An outside service that is asked whether a record may be published.

    `title`: what people call it. `url`: where the record is posted. `token`: sent as a bearer
    token, and due from it when it answers later.
    """

    title: str = "Quality control"
    url: str
    token: Secret | None = None


class Route(Strict):
    """source × review policy × targets × words.

    `title`: what people read. `source`: the name of a source. `targets`: names of targets, all
    required. `review`: "auto" approves what passes all checks; "one" asks one reviewer. `publish`:
    "auto" starts with the approval; "manual" waits for the button. `four_eyes`: nobody decides on
    their own publication. `notify`: further addresses that get the curators' mails. `label_mails`:
    the owner gets a mail when a label is set. `answer_days`: how many days an answer usually takes,
    as mails say; 0 = as the last decisions on the route took.
    `defaults`: members of the record (DataCite REST JSON) used where the source gives none.
    `words`: the vocabulary of statuses, buttons and steps that people of this route know; "" =
    excudit's own. `follow_up`: names of targets that get it after publication, in a run of their
    own that holds nothing back. `intake`: what the source says is ready begins by itself, as a
    "draft" of its owner or "submitted" at once; "" = people begin. `intake_s`: the source is asked
    so often. `intake_owner`: whose the drafts are whose owner has no account here. `on_refusal`:
    when the first irreversible step is refused, drafts at the targets are removed ("undo") or kept
    for a retry ("stay"). `quality`: an outside service that is asked before anything is public.
    `groups`: only datasets of these groups, as the source calls them, go this way; none = all.
    """

    title: str = ""
    source: str
    targets: list[str] = Field(min_length=1)
    follow_up: list[str] = Field(default_factory=list)
    words: str = ""
    intake: Literal["", "draft", "submitted"] = ""
    intake_s: int = Field(300, ge=1)
    intake_owner: str = ""
    on_refusal: Literal["undo", "stay"] = "undo"
    quality: Quality | None = None
    groups: list[str] = Field(default_factory=list)
    review: Literal["auto", "one"] = "one"
    publish: Literal["auto", "manual"] = "auto"
    four_eyes: bool = True
    notify: list[str] = Field(default_factory=list)
    label_mails: bool = False
    answer_days: int = Field(0, ge=0, le=365)
    defaults: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_target_once(self) -> Route:
        every = [*self.targets, *self.follow_up]
        twice = sorted({name for name in every if every.count(name) > 1})
        if twice:
            raise ValueError(f"name each target once, not {', '.join(twice)} twice")
        return self


class Faces(Strict):
    """How the drop-in APIs of other systems answer.

    `cat_accepts`: the HTTP status with which the publish calls of CAT say that they began; its own
    service says 200, with the code 202 in the body. `scicat_keys`: source → the bearer token with
    which jobs of that SciCat call `/scicat/jobs`.
    """

    cat_accepts: Literal[200, 202] = 202
    scicat_keys: dict[str, Secret] = Field(default_factory=dict)


class Settings(Strict):
    """The whole of excudit.toml."""

    site: Site = Site()
    service: Service = Service()
    mail: Mail = Mail()
    signin: SignIn = SignIn()
    faces: Faces = Faces()
    sources: dict[str, Plugged] = Field(default_factory=dict)
    targets: dict[str, Plugged] = Field(default_factory=dict)
    routes: dict[str, Route] = Field(default_factory=dict)

    def source_title(self, name: str) -> str:
        """What people call a source; its name where it has no title or is gone."""
        return _title(self.sources, name)

    def target_title(self, name: str) -> str:
        """What people call a target; its name where it has no title or is gone."""
        return _title(self.targets, name)

    @model_validator(mode="after")
    def _names_exist(self) -> Settings:
        missing = [
            f"routes.{name}: there is no {what} {ref!r}; there are: {', '.join(known) or 'none'}"
            for name, route in self.routes.items()
            for what, known, refs in (
                ("source", self.sources, [route.source]),
                ("target", self.targets, [*route.targets, *route.follow_up]),
            )
            for ref in refs
            if ref not in known
        ]
        missing += [
            f"routes.{name}.words: there is no vocabulary {route.words!r}; there are: "
            f"{', '.join(VOCABULARIES) or 'none'}"
            for name, route in self.routes.items()
            if route.words and route.words not in VOCABULARIES
        ]
        if missing:
            raise ValueError("; ".join(missing))
        return self


def _title(known: Mapping[str, Plugged], name: str) -> str:
    return (known[name].title if name in known else "") or name


def load(path: Path) -> Settings:
    """Read and check excudit.toml. Raises Rejected with all problems at once."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Rejected(
            f"There is no configuration at {path}.", hint="Run `excudit init` to write one."
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Rejected(f"{path} cannot be read: {error}.", hint="Mend the file.") from error
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise Rejected(
            f"{path} has problems.",
            problems=from_validation(error),
            hint="Mend the settings named.",
        ) from error


def from_validation(error: ValidationError, prefix: str = "") -> tuple[Problem, ...]:
    """Pydantic's findings as problems; values are never repeated, they may be secrets."""
    return tuple(
        Problem(prefix + "/" + "/".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, "))
        for e in error.errors(include_input=False, include_url=False)
    )
