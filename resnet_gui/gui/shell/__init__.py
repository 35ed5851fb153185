"""The window around the pages: frame, menus, documents, what ties the pages together."""
