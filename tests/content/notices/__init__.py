"""Word of what is new."""
