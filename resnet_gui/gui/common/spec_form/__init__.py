"""Controls of a design's fields, each a row of a table."""
