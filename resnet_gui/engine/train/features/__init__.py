"""The features of a frozen backbone: computed, kept, and learnt from."""
