"""What a publication is: pure data and rules, no I/O, standard library and pydantic only."""
