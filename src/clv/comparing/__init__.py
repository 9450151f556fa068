"""Behind `clv.stores`: facts of shops with their intervals, and which differences are more than noise."""
