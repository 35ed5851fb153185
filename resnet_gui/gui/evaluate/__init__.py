"""The Evaluate page: how good a model is on labelled pictures, and where and why it fails."""
