"""The pages, a module each. They read through metrics.queries."""
