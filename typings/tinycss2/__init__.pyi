"""As far as themes use it."""
