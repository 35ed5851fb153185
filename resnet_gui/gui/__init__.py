"""The window: asks engines and shows what they answer; no torch."""
