"""What a new run learns from: classes, pictures, and what deserves a look."""
