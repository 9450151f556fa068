"""What goes wrong from outside: killed at any moment, a full disk, damage; and what a run after it gives.

PYTHONPATH=tests python -m faults kill --times 100      (make faults)
"""
