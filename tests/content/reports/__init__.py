"""Tests of what viewers say."""
