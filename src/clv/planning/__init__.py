"""How a plan is found: prices of what is scarce, and the few customers whose choice hangs on them."""
