"""Asks Loki a query of the library, and prints what it answers."""
