"""Metadata templates: attributes with values and children, as curators of folders know them.

A document is `{"avus": [V], "irods-avus": [{"attr", "value", "unit"}]}` with V = `{"attr",
"value", "unit", "avus"?: [V]}`. A template says which attributes there may be; a deployment may
bring its own as one JSON file.
"""
