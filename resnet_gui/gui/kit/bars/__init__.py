"""Bars of controls that fit into the room there is."""
