"""What changed between two runs: facts, customers between segments, settings, pictures, notebooks.

Finished things in, tables out; nothing here reads a file of a shop or a run.
"""
