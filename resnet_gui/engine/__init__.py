"""Everything that computes, run in child processes; no Qt."""
