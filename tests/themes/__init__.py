"""Themes: packages, brands made readable, rendering, assets."""
