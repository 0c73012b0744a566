"""A research-digest bot: reads daily posts of hot papers, stores them, shows them and delivers them."""

__version__ = "0.2.0"
