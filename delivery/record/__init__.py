"""From a server's metrics page to a declaration of the catalog."""
