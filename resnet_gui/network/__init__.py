"""The network in torch: layers, blocks, the built ResNet, its weights."""
