"""Checks that refuse to publish: each a pure function from what was made to findings."""
