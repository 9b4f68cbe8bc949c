"""imgrepo: the command line, and an async client that other programs can import."""

__version__ = "0.1.0"
