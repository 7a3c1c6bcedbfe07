"""What the PBXs' own books tell: gaps are filled from them, and calls are held against them."""
