"""Pages on this machine's own web server: the review of what was recovered (extra ``web``)."""
