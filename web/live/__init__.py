"""What goes to screens while they are open."""
