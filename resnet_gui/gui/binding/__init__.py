"""How PySide is loaded: nothing twice that comes out the same, nothing that nobody needs."""
