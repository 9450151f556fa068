"""Three invented shops, written in the formats of real exports."""
