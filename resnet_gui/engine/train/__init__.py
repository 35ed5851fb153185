"""Training: the loop, its step, its checkpoints, several processes."""
