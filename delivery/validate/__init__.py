"""Seven phases of checks against a system that runs, and whether it may go live."""
