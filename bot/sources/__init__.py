"""Where daily posts come from."""
