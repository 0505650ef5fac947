"""Attacks on what people say, vote, watch and take down, and on the catalogue."""
