"""Stand-ins for outside services, at the wire: used by the demo and the tests alone."""
