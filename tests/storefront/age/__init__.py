"""The age gate."""
