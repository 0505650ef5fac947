"""Tests of the part of billing of the same name."""
