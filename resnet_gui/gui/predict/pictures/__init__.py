"""Pictures: list, table, gallery, viewer."""
