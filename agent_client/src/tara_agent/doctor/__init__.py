"""`tara-agent doctor`: what keeps this machine's samples from the server, and what to do."""
