"""The conversation: understanding a message, answering it with sources, handing it over."""
