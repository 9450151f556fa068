"""How much more is bought around festivals: days counted, levels told apart, years put together."""
