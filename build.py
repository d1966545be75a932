"""`python build.py [COMMAND]`: the project's one command line; delivery/cli.py is what it does."""

import sys

try:
    from delivery.cli import main
except ModuleNotFoundError as error:
    # Most often the system's Python instead of the one that make installed into.
    sys.exit(
        f"build.py: {error.name} is not installed. Run make build or .venv/bin/python build.py."
    )

if __name__ == "__main__":
    sys.exit(main())
