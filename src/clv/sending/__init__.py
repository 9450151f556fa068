"""From a chosen plan to lists that may be sent: who may be reached, what is said, how it is written."""
