"""The spool: samples that wait on disk while the server is away."""
