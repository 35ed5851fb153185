"""What pools at the end of a stem that pools."""
