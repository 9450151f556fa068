"""What became of points, and what may: lots, breakage, reminders, levers; behind `points`."""
