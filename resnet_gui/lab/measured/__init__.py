"""What the Lab measured of a network, and how it was asked to, in plain figures."""
