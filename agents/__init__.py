"""Who may send: agents, their tokens and how both are managed."""
