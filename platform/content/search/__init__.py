"""Search over the titles of a node: an index that forgives typos and gives candidates, never answers."""
