"""The read API: agents, their latest values and their series, for programs and for people."""
