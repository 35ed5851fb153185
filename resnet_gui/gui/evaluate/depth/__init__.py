"""Classes by depth: clouds of features, linear probes, and the likeness of blocks."""
