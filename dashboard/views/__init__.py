"""The pages, a module each. They read through metrics.queries and never write what was sent."""
