"""The stand-ins hold what real services promise."""
