"""Files that need torch, and the comparison with torchinfo and torchvision."""
