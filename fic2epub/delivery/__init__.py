"""Books -> an e-reader: onto a mounted one, or by mail. Nothing here prints."""
