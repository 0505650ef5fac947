"""Attacks on who somebody is: signing in, credentials, guests, roles, invitations, letters, leaving."""
