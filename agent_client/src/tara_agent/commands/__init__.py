"""The commands of `tara-agent`, a module each; cli.py lists them."""
