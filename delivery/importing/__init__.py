"""A dashboard that was made elsewhere becomes modules of this repository."""
