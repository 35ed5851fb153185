"""What a window as a whole has: the style sheets of its parts, and whether its user rests."""
