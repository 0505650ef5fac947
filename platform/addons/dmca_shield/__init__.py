"""The workflow of the takedown desk: deadlines, counter-notices, letters, reports, transparency."""
