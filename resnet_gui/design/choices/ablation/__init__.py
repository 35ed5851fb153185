"""What is done to the shortcut's signal (He et al. 2016, Table 1)."""
