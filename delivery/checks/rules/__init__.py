"""One module a rule; :mod:`delivery.checks.registry` lists them all."""
