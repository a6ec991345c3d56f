"""Settings: the only reader of the environment. Every one is documented in docs/settings.md."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is read from ``DIOTIMA_<FIELD>`` or a ``.env`` file in the working folder."""

    model_config = SettingsConfigDict(env_prefix="DIOTIMA_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default=Path("data"), description="Folder of the database, the indexes and uploaded material."
    )
    models_dir: Path = Field(default=Path(".cache/models"), description="Folder of fetched model files.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in the data folder.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="Origins that may open the chat socket besides our own."
    )
    cookie_secure: bool = Field(default=False, description="Send the session cookie over HTTPS only.")
    session_hours: int = Field(default=12, gt=0, description="Hours until a sign-in expires.")
    language: str = Field(default="en", description="Interface language before a person has chosen one.")
    demo: bool = Field(default=False, description="Load the demo course and demo accounts at start.")

    chat_model: str = Field(default="", description="Model name; empty: answer by quoting the course, without a model.")
    chat_adapter: Literal["litellm", "openai", "scripted"] = Field(
        default="litellm",
        description="How the model is reached: LiteLLM, an OpenAI-compatible server, or the shipped fake.",
    )
    chat_api_base: str = Field(
        default="", description="Base URL of the model server, where it is not the provider's own."
    )
    chat_api_key: str = Field(
        default="", description="Key of the model server; LiteLLM also reads each provider's own variable."
    )
    scripted_seconds_per_word: float = Field(
        default=0.0, ge=0, description="Pace of the scripted model, for demonstrations."
    )
    chat_first_token_seconds: float = Field(default=30.0, gt=0, description="Longest wait for a reply to begin.")
    chat_stall_seconds: float = Field(default=20.0, gt=0, description="Longest silence inside a reply.")
    chat_turn_seconds: float = Field(default=180.0, gt=0, description="Longest time for a whole turn.")

    embedder: str = Field(
        default="e5", description="e5, minilm, litellm:<model>, hashing (for tests) or none (text search only)."
    )
    embedder_dimensions: int = Field(default=0, ge=0, description="Length of a vector of a litellm embedder.")
    embedder_threads: int = Field(
        default=0, ge=0, description="Threads for embedding; 0: half the cores, at least one."
    )
    chroma_url: str = Field(default="", description="Address of a Chroma server; empty: embedded in the data folder.")

    files_dir: str = Field(
        default="",
        description="Folder of uploaded material, films, their scripts' pictures and orders, which several machines"
        " share; empty: the data folder.",
    )
    share_originals: bool = Field(
        default=True,
        description="Show learners pages of PDF files as pictures, and the file where nothing was taken out of its"
        " text; off: only trainers and reviewers see them.",
    )
    film_workers: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="Films that the server makes at once; 0: none, `diotima worker` makes them; left out: one for every"
        " two cores.",
    )
    film_cache_gb: float = Field(
        default=5.0, ge=0, description="Largest size of the cache from which films are made, in gigabytes."
    )

    max_message_chars: int = Field(default=8000, gt=0, description="Longest message a learner may send.")
    max_upload_mb: int = Field(default=200, gt=0, description="Largest upload in megabytes.")
    reading_seconds: int = Field(
        default=120, gt=0, description="Longest processor time for reading one file of material; it is left out then."
    )
    reading_memory_mb: int = Field(
        default=1500, ge=200, description="Most memory for reading one file of material, in megabytes."
    )
    messages_per_minute: int = Field(default=20, gt=0, description="Messages an account may send in a minute.")
    sign_ins_per_minute: int = Field(
        default=10,
        gt=0,
        description="Attempts to sign in by one name from one address in a minute; by any names, ten times that.",
    )
    send_timeout_seconds: float = Field(
        default=10.0, gt=0, description="A client that doesn't read for this long is dropped."
    )
    heartbeat_seconds: float = Field(
        default=20.0, gt=0, description="Seconds between pings on an open chat connection."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe message to log."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How a line of the log is written: for people, or as a JSON object for programs."
    )
    metrics_token: str = Field(
        default="",
        description="Bearer token that reads /metrics; empty: only programs on this machine may, and not through a"
        " proxy.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="Base URL of an OpenTelemetry collector (OTLP over HTTP) that gets traces without contents; empty:"
        " none are made.",
    )

    @property
    def shared_files(self) -> Path:
        """The folder of films and what they are made from."""
        return Path(self.files_dir) if self.files_dir else self.data_dir

    @property
    def films_at_once(self) -> int:
        """``film_workers``, or as many as this machine carries."""
        return max(1, (os.cpu_count() or 1) // 2) if self.film_workers is None else self.film_workers

    @property
    def several_servers(self) -> bool:
        """Whether the database is one that several servers may share."""
        return self.sqlalchemy_url.startswith("postgres")

    @property
    def sqlalchemy_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'diotima.db'}"
