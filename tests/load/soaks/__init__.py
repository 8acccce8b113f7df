"""The soaks, one module each."""
