"""Themes: packages of templates and design tokens, and a tenant's brand on top of them, rendered to pages."""
