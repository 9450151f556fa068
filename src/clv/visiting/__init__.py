"""Visits, step by step: what `clv.visits` gives is made here."""
