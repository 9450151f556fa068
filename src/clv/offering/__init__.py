"""What a shop may offer, to whom and through which channel: declared, priced, drawn."""
