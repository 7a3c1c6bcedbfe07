"""What comes between Ringbook and those it talks to, and does them harm on a test's word."""
