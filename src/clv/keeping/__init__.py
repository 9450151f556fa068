"""How tables are kept on disk under a key of all that they were made from."""
