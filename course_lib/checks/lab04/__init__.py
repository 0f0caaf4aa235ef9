"""Laws of lab 04's exercises."""
