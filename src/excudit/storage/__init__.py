"""Folders where datasets live: walked, hashed and reached without following symbolic links."""
