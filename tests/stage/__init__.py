"""What the tests of the live side share: a PBX, screens, an office, sockets, cards."""
