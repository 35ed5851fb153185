"""What a new run begins from: the choice of weights, and what of them fits."""
