"""Settings, embedded engines, composition, server and command line."""
