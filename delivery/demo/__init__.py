"""The whole system on one machine, fed with the telemetry of its services.

What it runs is what ships: the files under generated/, made from a copy of the catalog whose
addresses and ports are this machine's.
"""
