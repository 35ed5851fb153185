"""The design of a residual network: what the user chose, and the plan that follows from it."""
