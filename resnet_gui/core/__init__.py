"""The network in torch, built from the plan."""
