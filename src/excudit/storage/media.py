"""Media types by file extension: the same on every machine, whatever is installed there.

What Python's own table lacks follows the IANA registry where it knows the format (CSVW, RFC 9512
YAML, RFC 7946 GeoJSON, FITS, Parquet, zstd …), and else what the communities of the format use.
"""

from __future__ import annotations

import mimetypes
import posixpath

_SCIENCE = {
    ".7z": "application/x-7z-compressed",
    ".avro": "application/vnd.apache.avro",
    ".bz2": "application/x-bzip2",
    ".cbf": "image/x-cbf",
    ".cdl": "text/plain",
    ".cif": "chemical/x-cif",
    ".cnv": "text/plain",
    ".csv": "text/csv",
    ".feather": "application/vnd.apache.arrow.file",
    ".fit": "application/fits",
    ".fits": "application/fits",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".grb": "application/x-grib",
    ".grib": "application/x-grib",
    ".grib2": "application/x-grib2",
    ".gz": "application/gzip",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".ipynb": "application/x-ipynb+json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".kmz": "application/vnd.google-earth.kmz",
    ".log": "text/plain",
    ".mat": "application/x-matlab-data",
    ".md": "text/markdown",
    ".nc": "application/x-netcdf",
    ".nc4": "application/x-netcdf",
    ".ndjson": "application/x-ndjson",
    ".nxs": "application/x-hdf5",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".parquet": "application/vnd.apache.parquet",
    ".pdb": "chemical/x-pdb",
    ".rst": "text/x-rst",
    ".shp": "application/vnd.shp",
    ".tab": "text/tab-separated-values",
    ".toml": "application/toml",
    ".ttl": "text/turtle",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xz": "application/x-xz",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}

# a fresh MimeTypes holds Python's own table only, the module's functions also the machine's files
_TYPES = {**mimetypes.MimeTypes().types_map[1], **_SCIENCE}


def media_type(path: str) -> str:
    """The media type that the extension stands for; "" when it is not known."""
    return _TYPES.get(posixpath.splitext(path)[1].lower(), "")
