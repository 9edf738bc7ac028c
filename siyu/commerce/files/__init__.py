"""Order files: what they are, which column means what, and the orders in them."""
