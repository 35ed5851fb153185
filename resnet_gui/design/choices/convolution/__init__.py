"""The convolutions of stem, branches and projections."""
