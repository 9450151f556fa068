"""Coverage-guided fuzzing of everything that reads what others wrote; `PYTHONPATH=tests python -m fuzz`.

A module here with `TARGETS` (name: function of bytes) adds its targets. A function returns what a case held,
such as {"rows": 12, "cells": 60}, or nothing, and raises whatever should never happen; errors that clv raises
on purpose are an answer, which the function itself takes. `SEEDS` (name: first inputs, or a function that
returns them) and `WORDS` (name: pieces that mutations may put in) are optional.
"""
