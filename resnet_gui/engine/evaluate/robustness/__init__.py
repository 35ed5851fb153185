"""Networks measured on pictures that are made worse: corruptions, and attacks by the gradient."""
