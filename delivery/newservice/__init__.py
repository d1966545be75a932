"""From answers to a service of the catalog, with its tests and runbooks, all or nothing."""
