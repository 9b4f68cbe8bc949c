"""Where the API begins."""

API = "/api/v1"
"""What every route's path begins with, but that of ``/healthz``."""
