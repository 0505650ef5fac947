"""Which plan a tenant is on, since when, on what terms, and which period of it is to be closed next."""
