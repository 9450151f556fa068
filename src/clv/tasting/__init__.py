"""Choices along an axis, rules that foretell the next one, and how the rules are judged."""
