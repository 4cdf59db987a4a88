"""Commands of manage.py and what belongs to them."""
