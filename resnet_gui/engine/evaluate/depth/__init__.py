"""Features of a measured network by depth: projections, linear probes, CKA."""
