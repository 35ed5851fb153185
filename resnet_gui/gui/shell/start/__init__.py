"""What is done between the first paint and the last page: each step so short that the window answers."""
