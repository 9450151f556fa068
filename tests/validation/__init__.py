"""What the models promise, held against published figures, simulated shops and real ones: docs/validation.md.

`PYTHONPATH=tests python -m validation` measures everything again and rewrites the page, its figures and the
tables behind them (docs/validation/). The tests hold the page to its tables.
"""
