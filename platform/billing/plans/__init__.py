"""Prices as data: plans in versions that never change once written."""
