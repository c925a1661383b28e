"""For authors of plug-ins: suites that prove an adapter keeps the promises of its port."""
