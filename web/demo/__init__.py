"""A base with a past, and a PBX that keeps calling: Ringbook to look at, with nothing installed."""
