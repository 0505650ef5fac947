"""E-mail in a tenant's name."""
