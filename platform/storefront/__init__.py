"""The tenant's public site: pages and JSON API over the rooms below."""
