"""Telegram. Updates: `polling` or `webhook` → `receive` (→ `incoming`, `buttons`, `fetch`, `notes`) → services.
Messages: `delivery` → `outgoing` (→ `render`, `buttons`). `setup` tells Telegram which way updates come."""
