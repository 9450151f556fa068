"""How one customer is found and taken out: who it is, where it stands, what becomes of each file."""
