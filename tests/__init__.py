"""Tests of Marquee, room by room."""
