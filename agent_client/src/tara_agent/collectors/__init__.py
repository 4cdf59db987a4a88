"""Collectors: one small file a family of metrics, its source passed in."""
