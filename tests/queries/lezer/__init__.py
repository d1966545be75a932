"""The verdict of Grafana's own grammar of LogQL, from npm, where no Loki is at hand.

It knows the grammar and no rule beyond, and is the query editor's, not the server's. So
differences.yaml lists every query of the corpus on which the two differ, by the reason why; a
test fails on one that is not listed, and on a listed one that no longer differs.
"""
