"""The viewer's own pages: /account and /sign-in, of forms that work without scripts."""
