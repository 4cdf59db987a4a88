"""Tests of tarasysdash."""
