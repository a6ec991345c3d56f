"""Which settings give which adapters. Each is imported where it is chosen: nothing loads what it doesn't use."""

import os
from typing import TYPE_CHECKING

from tutor.config import Settings
from tutor.domain.errors import InvalidInput

if TYPE_CHECKING:
    from media_gen.slides.port import Setter
    from media_gen.speech.port import Engine
    from media_gen.translation.port import Translator
    from retrieval.embedders.port import Embedder
    from tutor.ports import ChatModel, Clock, Relay, Store


def store_of(settings: Settings, clock: "Clock") -> "Store":
    """The database, opened and brought up to date."""
    from tutor.store.sql import SqlStore

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return SqlStore(settings.sqlalchemy_url, clock=clock)


def relay_of(settings: Settings, me: str) -> "Relay":
    """How servers on one database reach each other."""
    if settings.several_servers:
        from tutor.store.sql.relay import PostgresRelay

        return PostgresRelay(settings.sqlalchemy_url, me)
    from tutor.store.memory.relay import MemoryRelay

    return MemoryRelay()


def embedder_of(settings: Settings) -> "Embedder | None":
    """The embedder that ``settings.embedder`` names. Its files are opened when it is first used."""
    kind, _, model = settings.embedder.partition(":")
    threads = settings.embedder_threads or max(1, (os.cpu_count() or 1) // 2)
    match kind:
        case "none":
            return None
        case "e5":
            from retrieval.embedders.e5 import E5Embedder

            return E5Embedder(settings.models_dir / "e5", threads)
        case "minilm":
            from retrieval.embedders.minilm import MiniLmEmbedder

            return MiniLmEmbedder(settings.models_dir / "minilm", threads)
        case "litellm" if model and settings.embedder_dimensions:
            from retrieval.embedders.litellm import LiteLlmEmbedder

            return LiteLlmEmbedder(model, settings.embedder_dimensions)
        case "hashing":
            from retrieval.embedders.hashing import HashingEmbedder

            return HashingEmbedder()
    raise InvalidInput(
        f"DIOTIMA_EMBEDDER={settings.embedder!r} is no embedder we have; litellm:<model> needs its dimensions too.",
        field="embedder",
    )


def chat_model_of(settings: Settings) -> "ChatModel | None":
    """The model that the settings name, or None: then the tutor quotes the course."""
    if settings.chat_adapter == "scripted":
        from tutor.llm.scripted import ScriptedChatModel

        return ScriptedChatModel(seconds_per_word=settings.scripted_seconds_per_word)
    if not settings.chat_model:
        return None
    if settings.chat_adapter == "openai":
        if not settings.chat_api_base:
            raise InvalidInput("DIOTIMA_CHAT_ADAPTER=openai needs DIOTIMA_CHAT_API_BASE.", field="chat_api_base")
        from tutor.llm.openai_compatible import OpenAICompatibleChatModel

        return OpenAICompatibleChatModel(
            settings.chat_model,
            settings.chat_api_base,
            api_key=settings.chat_api_key,
            first_token_seconds=settings.chat_first_token_seconds,
            stall_seconds=settings.chat_stall_seconds,
        )
    from tutor.llm.litellm import LiteLLMChatModel

    return LiteLLMChatModel(
        settings.chat_model,
        api_base=settings.chat_api_base,
        api_key=settings.chat_api_key,
        first_token_seconds=settings.chat_first_token_seconds,
        stall_seconds=settings.chat_stall_seconds,
    )


def render_options(settings: Settings) -> dict[str, str]:
    """What a render needs of the settings besides folders."""
    modelled = settings.chat_model and settings.chat_adapter != "scripted"
    return {
        "model_translator": "tutor.llm.translator:from_options" if modelled else "",
        "chat_adapter": settings.chat_adapter,
        "chat_model": settings.chat_model,
        "chat_api_base": settings.chat_api_base,
        "chat_api_key": settings.chat_api_key,
    }


def setter_of(settings: Settings) -> "Setter":
    """What sets slides."""
    from media_gen.slides.setter import SlideSetter

    return SlideSetter(settings.data_dir.resolve() / "cache" / "slides", settings.models_dir.resolve() / "fonts")


def translators_of(settings: Settings) -> "tuple[Translator, ...]":
    """The engines that translate here."""
    from tutor.services.film_render import translators

    return translators(render_options(settings))


def voices_of(settings: Settings) -> "tuple[Engine, ...]":
    """The engines that speak here."""
    from media_gen.speech.engines import installed

    return installed(settings.models_dir)
