"""What stands behind bgnbd, mbgnbd, paretonbd and nbd: how they answer and how they are fitted."""
