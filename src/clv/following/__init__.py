"""What was bought and what followed it: the tables and counts behind the answers about next orders."""
