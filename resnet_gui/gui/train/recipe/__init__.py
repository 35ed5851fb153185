"""The Train page's form."""
