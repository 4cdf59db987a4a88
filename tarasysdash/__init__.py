"""Wiring: settings, URLs and processes. No rules live here."""
