"""Real engines on loopback for one machine: mongod and Valkey, owned by the one process that holds the home's lock."""
