"""Ranges, links, leases, responses and the meter."""
