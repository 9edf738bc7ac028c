"""Typed custom fields: definitions, every observation of a value, and the value of now."""
