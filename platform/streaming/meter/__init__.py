"""The meter: counts what viewers' kernels acknowledged and books it once, whatever dies on the way."""
