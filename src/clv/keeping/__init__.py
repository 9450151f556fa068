"""How settings are read strictly and tables kept on disk under a key of all that they were made from."""
