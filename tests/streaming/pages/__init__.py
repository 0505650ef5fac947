"""Pages of comics: what they are, smaller copies, and the route that gives them."""
