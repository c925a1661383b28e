"""A loopback registry that behaves as DataCite's REST API does, traps included.

Start it with `serve` (blocking) or `Registry` (thread or child process). The API answers at
`api_url`, the DOI resolver at `resolver_url`, which is another port: `{resolver_url}/{doi}`
redirects, `{resolver_url}/api/handles/{doi}` tells the handle. Faults are set over
`{api_url}/_sandbox/faults`.
"""

from excudit.sandbox.datacite.accounts import DEFAULT_ACCOUNTS, Account
from excudit.sandbox.datacite.server import MEMORY, Registry, serve

__all__ = ["DEFAULT_ACCOUNTS", "MEMORY", "Account", "Registry", "serve"]
