"""From a live stack to drafts of services that the catalog does not know."""
