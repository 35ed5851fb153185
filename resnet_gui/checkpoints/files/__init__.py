"""Files of weights of every kind, and the tensors that they describe."""
