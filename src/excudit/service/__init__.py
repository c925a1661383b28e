"""One function per verb: what people and the service do with publications."""
