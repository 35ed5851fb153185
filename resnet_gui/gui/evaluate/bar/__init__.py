"""The bar of the page: which model, on which data, beside which other one."""
