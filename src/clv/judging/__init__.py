"""How orders of customers are judged by what came of them: sums, measures, redrawn customers."""
