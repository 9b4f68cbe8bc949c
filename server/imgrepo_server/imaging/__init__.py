"""Everything that looks at image bytes: pure functions, and the processes that run them."""
