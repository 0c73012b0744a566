"""Makes the day's post out of live sources: gathers what they say, scores it, chooses, and writes the file."""
