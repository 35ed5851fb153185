"""The design as plain data: spec, plan, costs, recipe, messages, run folder; no torch and no Qt."""
