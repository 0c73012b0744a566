"""From a subscription to a message on Discord, once: plan what to send, keep the promise, send it, mark it."""
