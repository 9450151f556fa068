"""How customers of several channels are joined to persons, and how sure that is."""
