"""Why an answer is empty: found by taking the query apart, and asking for one part at a time."""
