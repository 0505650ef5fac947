"""Page images of comics and books: what a page link opens, told by its bytes, bounded, and metered like a film."""
