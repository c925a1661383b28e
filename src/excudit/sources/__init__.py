"""Where datasets live: one folder for each kind of place, all known by entry points."""
