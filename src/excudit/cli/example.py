"""The configuration that `excudit init` writes; excudit.example.toml explains every setting."""

EXAMPLE = """\
# excudit's configuration. Every setting: docs/reference/settings.

[site]
name = "My Data Centre"
base_url = "http://127.0.0.1:8080"   # under which the public reaches this service
contact = "data-desk@example.org"

[service]
data_dir = "excudit-data"            # SQLite lives here; name a PostgreSQL in `database` instead

[mail]
# host = "smtp.example.org"          # without it mails stay in the outbox and are shown only
sender = "excudit@example.org"

# [sources.folders]
# kind = "folder"
# title = "Our folders"
# roots = ["/data/ready"]

# [targets.datacite]
# kind = "datacite"
# title = "DataCite"
# url = "https://api.test.datacite.org"
# resolver_url = "https://handle.test.datacite.org"
# username = "PROVIDER.REPO"
# password = { env = "DATACITE_PASSWORD" }
# prefix = "10.12345"
# domains = ["data.example.org"]

# [routes.folder-doi]
# title = "A folder to DataCite"
# source = "folders"
# targets = ["datacite"]
# review = "one"
"""
