"""Theme packages: data alone, one directory each, read by tenancy.themes."""
