"""The replay at the head of the welcome page: two networks, what their blocks get, and how they learn."""
