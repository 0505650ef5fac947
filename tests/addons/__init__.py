"""Add-ons."""
