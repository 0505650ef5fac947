"""Settlement with operators: statements and payouts."""
