"""Payments: asking for money once, and booking once what came of it."""
