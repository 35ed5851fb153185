"""What is kept while the window is open: the settings on disk, and which windows there are."""
