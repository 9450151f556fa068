"""How schemes are learned and applied: cuts, cells, scores, clusters, rankings; `clv.rfm` is the door."""
