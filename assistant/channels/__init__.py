"""Ways in: the pages, the API, and what they share."""
