"""What a plan costs and how designs differ: parameters, MACs, memory, receptive field, arithmetic."""
