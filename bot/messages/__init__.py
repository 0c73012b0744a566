"""What people see, built from values: pushed digests and private answers, their buttons and all wording."""
