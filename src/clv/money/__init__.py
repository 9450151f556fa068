"""What stands behind spend and values: the Gamma-Gamma model, discounting, drawn futures, intervals."""
