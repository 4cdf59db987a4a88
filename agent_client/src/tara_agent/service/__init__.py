"""The agent as a service of this machine: what has to be written and called, and doing it."""
