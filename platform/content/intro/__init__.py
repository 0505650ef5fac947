"""Where an intro begins and ends, by the votes of a site's viewers."""
