"""How what people declare (shop files, schemes, parameters) is read strictly."""
