"""Comments: what viewers say about titles, under nicknames and without their identity."""
