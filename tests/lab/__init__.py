"""A real PBX, its trunk and its phones, on loopback ports of one machine."""
