"""Settings of all tests."""

import os

from hypothesis import settings

# Continuous integration tries the same examples each time; people's own runs keep looking.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
