"""Votes on intros."""
