"""What a playbook may say, how its page is read and checked, and what stops a play."""
