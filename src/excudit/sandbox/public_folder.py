"""A facility's own web server for what is public: one folder, read only, on loopback.

It reads with the rights of who started it, as a web server does that may read the curated space;
what begins with a dot is not there.
"""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self


class _Reading(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as inherited
        """Nothing is written to the terminal."""

    def send_head(self):  # type: ignore[no-untyped-def]
        if any(part.startswith(".") for part in self.path.split("/")):
            self.send_error(404)
            return None
        return super().send_head()


class PublicFolder:
    """The server; a context manager. `url` is where the folder answers."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        made = partial(_Reading, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", port), made)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        run = partial(self._server.serve_forever, 0.05)
        threading.Thread(target=run, name="sandbox-public", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
