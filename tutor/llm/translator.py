"""A chat model as a translator of films: the prompt and the model put together."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from prompts import TranslateSegments, render
from tutor.domain.errors import ModelError
from tutor.ports import ChatModel, ModelRequest

if TYPE_CHECKING:
    from media_gen.translation.model import Messages, ModelTranslator, Request

TEXTS = 12  # asked for at once: so many, in any script, fit into the reply of a model that gives 4,096 tokens
TOKENS = 4_000


def model_translator(chat: ChatModel, *, weak: bool = False) -> "ModelTranslator":
    """``weak``: its drafts are to be marked so, for a small model on one's own machine."""
    from media_gen.translation.model import ModelTranslator

    return ModelTranslator(worded, completing(chat), model=chat.name, weak=weak, largest=TEXTS)


def from_options(options: Mapping[str, str]) -> "ModelTranslator":
    """For the process of a render, which is told chat_adapter, chat_model, chat_api_base and chat_api_key."""
    model, base, key = (options.get(f"chat_{name}", "") for name in ("model", "api_base", "api_key"))
    if options.get("chat_adapter") == "openai":
        from tutor.llm.openai_compatible import OpenAICompatibleChatModel

        return model_translator(OpenAICompatibleChatModel(model, base, api_key=key))
    from tutor.llm.litellm import LiteLLMChatModel

    return model_translator(LiteLLMChatModel(model, base, key))


def worded(request: "Request") -> "Messages":
    """The messages of a request, by the prompt ``translate_segments``."""
    prompt = TranslateSegments(
        source_language=request.source_language,
        target_language=request.target_language,
        lesson_title=request.lesson_title,
        segments=request.segments,
        glossary=request.glossary,
        problems=request.problems,
    )
    return render(prompt).messages


def completing(chat: ChatModel) -> "Callable[[Messages], str]":
    """The model's whole reply to messages, for callers that aren't asynchronous (a render's process, a thread).

    The function raises ``TranslationFailed``, or ``CannotTranslate`` where trying again doesn't help.
    """
    from media_gen.errors import CannotTranslate, TranslationFailed

    async def reply(messages: "Messages") -> str:
        request = ModelRequest(tuple(messages), max_tokens=TOKENS, temperature=0.2)
        return "".join([piece async for piece in chat.stream(request) if isinstance(piece, str)])

    def complete(messages: "Messages") -> str:
        try:
            return asyncio.run(reply(messages))
        except ModelError as error:
            kind = TranslationFailed if error.retryable else CannotTranslate
            raise kind(f"The language model {chat.name} could not translate: {error}", engine=chat.name) from error

    return complete
