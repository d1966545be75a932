"""Each link followed on real data: what it opens must be there, and not be empty."""
