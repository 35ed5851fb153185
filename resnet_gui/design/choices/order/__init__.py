"""Orders of convolution, norm and activation."""
