"""What a network's answers about labelled pictures say: figures, intervals, calibration, comparison."""
