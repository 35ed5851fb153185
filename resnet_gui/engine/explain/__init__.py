"""What a network sees in a picture."""
