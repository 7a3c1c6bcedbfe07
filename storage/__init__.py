"""What the business remembers. The only folder that speaks SQL."""
