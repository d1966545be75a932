"""The LogQL library: queries that people ask by name, filled in with values that are checked."""
