"""What was said: finding, keeping and serving the audio of calls."""
