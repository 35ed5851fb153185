"""What every room stands on: errors, files, JSON lines, text, caches."""
