"""LogQL as Loki reads it: text becomes a typed tree, or an error with its place.

====================  =====================================================================
``parse.parse``       the tree of a query, or a ``LogQLError``
``tree``              the nodes, and how to walk them
``runtime.findings``  what Loki would only refuse when it runs the query
``releases.lacking``  what a query uses that an older release does not have
====================  =====================================================================

Loki's verdict is the measure, its surprises included: ``1 -0`` is no LogQL, ``{$="a"}`` is.
"""
