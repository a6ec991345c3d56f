"""What only the LiteLLM adapter promises; what all promise is in ``test_contract``."""

import asyncio
import subprocess
import sys

import pytest

from tests.fakes.model_server import ENDING, ModelServer, Reply, Wait, reply, texts
from tutor.domain.events import Usage
from tutor.llm.litellm import LiteLLMChatModel, load
from tutor.ports import ModelRequest

pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning")

REQUEST = ModelRequest((("user", "Hi"),))


async def listen(model: LiteLLMChatModel) -> list[str | Usage]:
    return [piece async for piece in model.stream(REQUEST)]


async def test_cost_is_known_for_a_model_in_the_price_list_only() -> None:
    async with ModelServer(reply("a")) as server:
        known = (await listen(LiteLLMChatModel("openai/gpt-4o-mini", server.base_url, "k")))[-1]
        unknown = (await listen(LiteLLMChatModel("openai/of-our-own", server.base_url, "k")))[-1]
    assert isinstance(known, Usage)
    assert isinstance(unknown, Usage)
    assert known.cost_usd is not None
    assert 0 < known.cost_usd < 0.001
    assert unknown.cost_usd is None
    assert (known.gen_ai_provider_name, known.gen_ai_request_model) == ("openai", "openai/gpt-4o-mini")
    assert (known.gen_ai_usage_input_tokens, known.gen_ai_usage_output_tokens) == (11, 7)


async def test_a_burst_of_chunks_arrives_as_few_pieces() -> None:
    burst = [f"w{n} " for n in range(200)]
    async with ModelServer(Reply((*texts("First "), Wait(0.2), *texts(*burst), *ENDING))) as server:
        pieces = await listen(LiteLLMChatModel("openai/gpt-4o-mini", server.base_url, "k"))
    assert pieces[0] == "First "
    assert "".join(str(piece) for piece in pieces[:-1]) == "First " + "".join(burst)
    assert len(pieces) < 100


async def test_it_is_loaded_quiet_and_only_once() -> None:
    first, second = await asyncio.gather(asyncio.to_thread(load), asyncio.to_thread(load))
    assert first is second
    assert first.suppress_debug_info is True
    assert first.telemetry is False
    assert first.callbacks == first.success_callback == first.failure_callback == []


def test_importing_the_adapters_imports_no_heavy_package() -> None:
    code = (
        "import sys, tutor.llm.litellm, tutor.llm.openai_compatible, tutor.llm.scripted\n"
        "tutor.llm.litellm.LiteLLMChatModel('openai/x')\n"
        "tutor.llm.openai_compatible.OpenAICompatibleChatModel('x', 'y')\n"
        "print([name for name in ('litellm', 'openai', 'httpx', 'numpy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
