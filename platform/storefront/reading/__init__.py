"""Reading comics and books: chapters, the links of their pages, and the reader's own page."""
