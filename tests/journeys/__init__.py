"""Whole journeys through the composed platform, over HTTP and in a browser."""
