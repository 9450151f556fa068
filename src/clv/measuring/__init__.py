"""What a campaign did, measured: rates, means, arms, segments; behind `experiments`."""
