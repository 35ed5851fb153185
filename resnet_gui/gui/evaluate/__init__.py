"""The page of a network's answers about labelled pictures: how good they are, and where and why they fail."""
