"""Keeps days, papers, subscriptions and deliveries in one SQLite file; knows nothing of the bot."""
