"""How PySide is loaded: what it does at every start and nobody needs is spared, what always comes out the same is kept."""
