"""Long rounds against real processes: `make drill`, and a sample of it in CI."""
