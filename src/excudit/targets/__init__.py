"""Where datasets are published: one folder for each outside system."""
