"""The archive page: what of a title can be kept, here and on other hosts."""
