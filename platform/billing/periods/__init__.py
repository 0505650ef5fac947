"""The cycle: which periods are due, claiming each once, and what is billed for it."""
