"""Loopback stand-ins of the outside systems, faithful to what is known of them, with faults."""
