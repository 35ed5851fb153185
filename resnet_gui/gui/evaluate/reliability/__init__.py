"""Whether the network's probabilities are as often right as they say."""
