"""What tests share: the real processes, a citizen who talks to them, a stand-in for Telegram's servers."""
