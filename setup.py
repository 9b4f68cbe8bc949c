"""Package metadata: what is installed and what it needs. Tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import Extension, find_packages, setup

ROOT = Path(__file__).parent

# aiohttp below 3.11 lacks the multipart limits that uploads rely on; SQLAlchemy 2.1 types
# a row by its columns. No upper bounds: an application's users resolve conflicts better than we do.
REQUIRES = [
    "aiofiles>=24.1",
    "aiohttp>=3.11",
    "alembic>=1.14",
    "bcrypt>=4.2",
    "click>=8.1.7",
    "filelock>=3.16",
    "imagehash>=4.3.1",
    "limits>=4.0",
    "multipart>=1.2",
    "numpy>=2.0",
    "pathspec>=0.12",
    "pebble>=5.1",
    "pillow>=11.3",
    "pillow-heif>=0.21",
    "platformdirs>=4.3",
    "pydantic>=2.10",
    "pydantic-settings>=2.7",
    "pyjwt>=2.10",
    "rich>=13.9",
    "sqlalchemy>=2.1",
    "tenacity>=9.0",
    "uuid-utils>=0.10",
    "uvloop>=0.21; sys_platform != 'win32'",
]

DEVELOPMENT = [
    "hypothesis>=6.120",
    "import-linter>=2.1",
    "mypy>=1.14",
    "psutil>=6.1",
    "pytest>=8.3",
    "pytest-aiohttp>=1.0.5",
    "pytest-xdist>=3.6",
    "ruff>=0.9",
    "types-aiofiles",
    "types-psutil",
]

setup(
    name="imgrepo",
    version="0.1.0",
    description="A self-hosted image repository: keep folders of images, find them again, share.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    package_dir={
        "imgrepo_server": "server/imgrepo_server",
        "imgrepo_client": "client/imgrepo_client",
    },
    packages=[
        package
        for root, name in (("server", "imgrepo_server"), ("client", "imgrepo_client"))
        for package in find_packages(root, include=[name, f"{name}.*"])
    ],
    package_data={
        "imgrepo_server": ["py.typed", "imaging/_native.pyi"],
        "imgrepo_client": ["py.typed"],
    },
    # Optional: without a C compiler, NumPy does the same in ten times the time.
    ext_modules=[
        Extension(
            "imgrepo_server.imaging._native",
            [f"server/imgrepo_server/imaging/{name}.c" for name in ("_native", "_scan")],
            depends=["server/imgrepo_server/imaging/_scan.h"],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
    install_requires=REQUIRES,
    extras_require={"dev": DEVELOPMENT},
    entry_points={
        "console_scripts": [
            "imgrepo=imgrepo_client.cli:main",
            "imgrepo-server=imgrepo_server.cli:main",
        ]
    },
)
