"""Settlement with operators: a statement a period of what their viewers paid, and the payouts of it."""
