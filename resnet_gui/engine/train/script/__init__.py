"""A training step on the CPU as one function of torch's interpreter, written for the network that learns."""
