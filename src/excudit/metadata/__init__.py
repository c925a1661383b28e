"""DataCite records in and out of their forms, and checked: pure functions, no network."""
