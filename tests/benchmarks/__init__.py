"""The benchmarks: their load is what agents send, and each of them runs."""
