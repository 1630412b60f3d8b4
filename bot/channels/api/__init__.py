"""The HTTP conversation API (DESIGN §8); the web chat page is its first client."""
