"""The portal's settings: read once from the environment and refused before anything starts.

Each field is the variable of its name with the prefix `PORTAL_`. Whatever may hold a password
stays out of `repr`, so that no log line or traceback shows it.
"""

import os
import re
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT: Final = Path(__file__).resolve().parent.parent
"""The project's folder. A relative path in a setting starts here, not where the command was typed."""

SECRET_KEY_BYTES: Final = 32

_PREFIX: Final = "PORTAL_"
_SQLITE: Final = "sqlite:///"


class SettingsRefused(Exception):
    """The portal does not start with these settings; each line of the text names one."""


def _local_address(known: dict[str, Any]) -> str:
    return f"http://localhost:{known['port']}"


def _database_file(known: dict[str, Any]) -> str:
    return f"{_SQLITE}{known['data_dir'] / 'portal.db'}"


def _credentials_folder(known: dict[str, Any]) -> Path:
    return known["data_dir"] / "bank-credentials"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, validate_default=True
    )

    mode: Literal["demo", "production"] = "demo"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = Field(default_factory=_local_address)
    data_dir: Path = Path("var")
    database_url: str = Field(default_factory=_database_file, repr=False)
    redis_url: str = Field(default="", repr=False)
    secret_key: SecretStr = SecretStr("")
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str = ""
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    """The sender's address where it is not each company's own."""
    bank_credentials: Path = Field(default_factory=_credentials_folder)
    """A folder of secrets for banks, `NAME.toml` each, never in the database."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    demo_bank_seconds: float = Field(default=20, ge=0)

    @property
    def origins(self) -> list[str]:
        """The sites whose pages may open our websocket; localhost answers to its number too."""
        local = self.public_url.replace("//localhost", "//127.0.0.1")
        return list(dict.fromkeys((self.public_url, local)))

    @field_validator("public_url")
    @classmethod
    def _address_of_a_site(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^/\s]+/?", url):
            raise ValueError("must be an address without a path, such as https://portal.example")
        return url.rstrip("/")

    @field_validator("data_dir", "bank_credentials")
    @classmethod
    def _from_the_root(cls, folder: Path) -> Path:
        return ROOT / folder

    @field_validator("database_url")
    @classmethod
    def _file_from_the_root(cls, url: str) -> str:
        file = url.removeprefix(_SQLITE)
        if file == url or file in {"", ":memory:"}:
            return url
        return f"{_SQLITE}{ROOT / file}"

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, level: str) -> str:
        return level.upper()

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        given = len(key.get_secret_value().encode())
        if 0 < given < SECRET_KEY_BYTES:
            raise ValueError(f"must have at least {SECRET_KEY_BYTES} bytes, found {given}")
        return key


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings; raises SettingsRefused if the portal must not start with them."""
    try:
        read = Settings()
    except ValidationError as refused:
        raise SettingsRefused("\n".join(_sentences(refused))) from None
    if read.mode == "production":
        _ensure_production(read)
    elif not read.secret_key.get_secret_value():
        key = SecretStr(_demo_key(read.data_dir / "secret_key"))
        return read.model_copy(update={"secret_key": key})
    return read


def _sentences(refused: ValidationError) -> list[str]:
    return [
        f"{_PREFIX}{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}."
        for error in refused.errors(include_input=False, include_url=False)
        if error["type"] != "default_factory_not_called"  # only says that another field failed
    ]


def _ensure_production(read: Settings) -> None:
    """Refuse what only the demo may do: live without a secret, without Stripe, with a fast bank."""
    refused = [
        f"{_PREFIX}{name.upper()} must be set when PORTAL_MODE is production{reason}."
        for name, reason in (
            ("secret_key", ""),
            ("stripe_secret_key", "; without it the demo gateway would take the payments"),
            ("stripe_webhook_secret", ""),
        )
        if not getattr(read, name).get_secret_value()
    ]
    if "demo_bank_seconds" in read.model_fields_set:
        refused.append(
            f"{_PREFIX}DEMO_BANK_SECONDS must not be set when PORTAL_MODE is production."
        )
    if refused:
        raise SettingsRefused("\n".join(refused))


def _demo_key(file: Path) -> str:
    """The key kept in `file`, made the first time; two processes starting together agree on one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent)  # mode 600
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(SECRET_KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text(encoding="ascii").strip()
