"""Asterisk speaks; we understand. Knows no SQL and no HTTP."""
