"""Controls of our own that are read to who cannot see them as those of Qt are."""
