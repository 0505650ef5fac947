"""Titles put together under a name."""
