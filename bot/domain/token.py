"""Secrets that are shown once: of a token, a code or a recovery code only its hash is stored."""

import hashlib


def hash_of(token: str) -> str:
    """What is stored of a token: SHA-256, in hexadecimal. Good for long random secrets; passwords have argon2."""
    return hashlib.sha256(token.encode()).hexdigest()
