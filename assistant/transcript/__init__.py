"""Transcripts of calls: read from what recognisers write, cleaned, understood."""
