"""What `make prove` counts, and how it is written down."""
