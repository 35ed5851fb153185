"""Which convolution of a bottleneck strides."""
