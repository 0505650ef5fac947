"""Soft subtitles out of containers."""
