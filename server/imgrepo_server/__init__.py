"""imgrepo-server: keeps images, who may see them, and how to find them again."""

__version__ = "0.1.0"
