"""Dumps to Works."""
