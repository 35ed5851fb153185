"""What all reports share: the look of the file, its sheets and tables, and the strokes of their charts."""
