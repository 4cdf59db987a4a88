"""The measured claims of the README: each module prints the figures it took."""
