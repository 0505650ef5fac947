"""Viewers of one tenant's site: who they are, their sessions, their roles and bans."""
