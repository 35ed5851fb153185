"""What an evaluation came to, written down: document, lines, tables, and the charts of its report."""
