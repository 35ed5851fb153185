"""The runs as every page sees them."""
