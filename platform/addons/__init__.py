"""Add-ons: one folder each, with what it does, its settings and its price. What needs none of them stands without."""
