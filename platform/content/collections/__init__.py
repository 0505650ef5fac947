"""Titles put together under a name: what an operator brings or makes, shown as far as the site shows the titles."""
