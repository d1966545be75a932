"""docs/ as a site: what MkDocs is told beside mkdocs.yml. Decision 0040."""
