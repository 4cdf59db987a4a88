"""The fleet as a list: who is in it, filtered, ordered, added up and drawn."""
