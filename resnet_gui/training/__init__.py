"""How a network is trained: the recipe, its named forms, what it needs of memory, how it is launched."""
