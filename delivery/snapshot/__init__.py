"""A picture of every dashboard from a real browser, and what is wrong with each panel in it."""
