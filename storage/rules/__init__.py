"""What the business decides: pure functions, no session, no clock."""
