"""The Lab page: experiments, what was predicted, what was measured, what that says."""
