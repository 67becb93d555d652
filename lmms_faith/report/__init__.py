"""Reading result logs, and showing what is in them."""
