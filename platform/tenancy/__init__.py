"""From the host a request names to the tenant it is for: domains, brand, policy, holds."""
