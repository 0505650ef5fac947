"""The takedown desk."""
