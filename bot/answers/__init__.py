"""A question in, a message out: the one place that Discord, the preview page and the command line ask."""
