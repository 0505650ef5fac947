"""The types refuse what would cross from one tenant to another."""
