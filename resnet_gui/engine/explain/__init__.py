"""The inside of a network: Grad-CAM, feature maps, filters, histograms and the gradient of a unit."""
