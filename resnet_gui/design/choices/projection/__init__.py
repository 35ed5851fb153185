"""What a projection shortcut consists of."""
