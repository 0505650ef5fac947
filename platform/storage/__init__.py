"""MongoDB and Redis: scopes, repositories, jobs, blobs, events. The only importer of pymongo and redis."""
