"""The cards of figures at the top of the page."""
