"""HTTP: a flat table of routes, thin handlers a noun, and one shape for every fault."""
