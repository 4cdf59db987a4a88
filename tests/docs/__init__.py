"""Tests of docs: the pages are held to the code."""
