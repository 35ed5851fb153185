"""The parts around an experiment's figure: head, prediction, progress, claims, what to look for."""
