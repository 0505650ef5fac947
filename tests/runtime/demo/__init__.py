"""The demo: its pictures, its films and the sites that show them."""
