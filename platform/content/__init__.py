"""The library: what a title is, who may see it, how dumps come in and go out."""
