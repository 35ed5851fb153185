"""The Design page's form."""
