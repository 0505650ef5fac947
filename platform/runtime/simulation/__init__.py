"""A year of the demo's platform in a minute: its tenants, their money, and a report that a person opens."""
