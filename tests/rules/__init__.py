"""Which tests prove which rule of the terms: `python -m tests.rules`."""
