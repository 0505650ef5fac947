"""What tests share: engines, clocks, stores, browsers."""
