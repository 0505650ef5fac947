"""Reports: what viewers say is broken, until the medic or somebody of the site has mended it."""
