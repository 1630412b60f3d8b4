"""Settings, read once from the environment. Every process of the hotline takes the same ones."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What a deployment may set; `hotline doctor` prints the values in force, secrets masked."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore")

    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in var/")
    redis_url: str = Field(default="", description="empty means one machine, signals by polling")
    var: Path = Field(default=ROOT / "var", validation_alias="HOTLINE_VAR")
    data: Path = Field(default=ROOT / "data", validation_alias="HOTLINE_DATA")
    district: str = Field(default="haishu", validation_alias="HOTLINE_DISTRICT")
    ticket_prefix: str = Field(default="HS", validation_alias="HOTLINE_TICKET_PREFIX")
    host: str = Field(default="127.0.0.1", validation_alias="HOTLINE_HOST")
    port: int = Field(default=8189, validation_alias="HOTLINE_PORT")
    public_url: str = Field(default="", validation_alias="HOTLINE_PUBLIC_URL")
    trusted_proxies: str = Field(default="127.0.0.1", validation_alias="HOTLINE_TRUSTED_PROXIES")
    rasa_url: str = Field(default="http://127.0.0.1:5005", validation_alias="RASA_URL")
    rasa_token: SecretStr = Field(default=SecretStr(""), validation_alias="RASA_CHANNEL_TOKEN")
    rasa_timeout: float = Field(default=8.0, validation_alias="RASA_TIMEOUT_SECONDS")
    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_base_url: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    upload_limit_bytes: int = 10 * 1024 * 1024
    message_limit_chars: int = 4000
    messages_per_minute: int = Field(default=60, validation_alias="HOTLINE_MESSAGES_PER_MINUTE")
    conversations_per_minute: int = Field(default=30, validation_alias="HOTLINE_CONVERSATIONS_PER_MINUTE")

    @property
    def sql_url(self) -> str:
        """The database in force; a bare `postgresql://` is read as psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{self.var / 'hotline.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
            "postgres://", "postgresql+psycopg://", 1
        )


@lru_cache
def settings() -> Settings:
    """The process's settings; tests clear the cache with `settings.cache_clear()`."""
    return Settings()
