"""The viewer's own pages."""
