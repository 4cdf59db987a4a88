"""What a person sees: server-rendered pages that read and never write."""
