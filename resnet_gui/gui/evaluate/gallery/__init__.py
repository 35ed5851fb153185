"""The pictures that were answered wrongly, and others that are worth a look."""
