"""excudit: takes a research dataset to where it is published, exactly once."""

__version__ = "0.1.0"
