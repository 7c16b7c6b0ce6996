"""Works to books."""
