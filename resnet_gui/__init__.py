"""ResNet Explorer: design, see, train and use residual networks."""

__version__ = "0.1.0"
