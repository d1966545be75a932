"""The kinds of objects that are published, one module each, and what they have in common."""
