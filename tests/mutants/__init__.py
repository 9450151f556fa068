"""Mutation testing of the models and of money: what docs/mutants.md gives figures of."""
