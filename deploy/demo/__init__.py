"""The demo: sells tickets through the public calls only, and tells the story."""
