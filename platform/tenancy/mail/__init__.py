"""E-mail in a tenant's name: what a letter is, and who carries it."""
