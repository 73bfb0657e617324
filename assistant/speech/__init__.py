"""Speech: numbers and codes as they are said and as they are written, and replies fit to be spoken."""
