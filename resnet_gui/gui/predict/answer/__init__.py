"""An answer."""
