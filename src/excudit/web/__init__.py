"""What answers over HTTP: the API, the public pages, and the server that carries them."""

from excudit.web.app import create_app
from excudit.web.serving import Running, serve_in_thread

__all__ = ["Running", "create_app", "serve_in_thread"]
