"""The workflow of the takedown desk."""
