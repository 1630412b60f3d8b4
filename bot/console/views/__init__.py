"""What the pages show, read from SQL into plain objects; templates only lay them out."""
