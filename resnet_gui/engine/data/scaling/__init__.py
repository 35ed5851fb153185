"""From a decoded picture to the crops that a network reads."""
