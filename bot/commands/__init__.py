"""Discord's side of the answers: commands and their options, who asks, and how an answer reaches them."""
