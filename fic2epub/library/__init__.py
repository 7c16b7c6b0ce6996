"""A folder of books."""
