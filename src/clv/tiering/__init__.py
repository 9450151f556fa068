"""Behind `clv.tiers`: what rules may say, what counts towards a tier, the rules replayed, what they cost."""
