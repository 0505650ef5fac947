"""The viewer's own account over JSON: /me and /sign-in."""
