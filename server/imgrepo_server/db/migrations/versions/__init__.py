"""One file a step; its number is the schema's version."""
