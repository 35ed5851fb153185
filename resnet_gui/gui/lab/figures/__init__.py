"""The figures of the experiments, a file a kind."""
