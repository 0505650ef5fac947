"""Pay pages."""
