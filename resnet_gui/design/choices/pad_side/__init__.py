"""Where zero-padding shortcuts put their zeros."""
