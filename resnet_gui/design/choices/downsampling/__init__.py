"""How the branch of a block strides."""
