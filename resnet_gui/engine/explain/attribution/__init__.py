"""Which pixels speak for a class: integrated gradients, SmoothGrad, occlusion, LRP, and their sanity check."""
