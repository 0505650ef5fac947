"""Notices: word of what is new, on the site, by e-mail and as a feed."""
