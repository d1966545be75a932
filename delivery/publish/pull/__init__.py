"""From a dashboard that somebody edited back to the sources that make it.

A dashboard is made by Python from the catalog, so its JSON cannot be written back. What can be
said exactly is said: which setting changed, which expression in which file makes it, and how
that would read. Whatever has no such place is listed, so that nothing is lost.
"""
