"""Reckoning what a period comes to: pure functions of a contract, its plans, time, usage and revenue."""
