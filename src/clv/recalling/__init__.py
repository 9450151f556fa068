"""A campaign worked out for one shop: what it was given, what was found, whom to write."""
