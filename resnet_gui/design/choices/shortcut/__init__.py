"""Shortcuts: how a block's input reaches its addition."""
