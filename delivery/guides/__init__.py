"""The parts of the guides that follow from the catalog."""
