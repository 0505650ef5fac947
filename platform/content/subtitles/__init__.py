"""Soft subtitles: taken out of a film's container once, kept as WebVTT."""
