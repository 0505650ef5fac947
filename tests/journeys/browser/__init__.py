"""Journeys in a real Chromium against a served platform."""
