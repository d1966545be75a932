"""Makes live servers match generated/, and nothing else.

The live servers are the state: nothing is kept between runs. What we may change carries our
mark there, and a plan is always made afresh from what the servers answer.
"""
