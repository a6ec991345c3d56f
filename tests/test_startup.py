"""The first page of a cold start: nothing heavy is loaded for it, and nobody outside is spoken to."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAVY = {
    *("litellm", "chromadb", "langchain_core", "langchain_chroma", "langchain_text_splitters", "onnxruntime", "numpy"),
    *("tokenizers", "markdown_it", "nh3", "pwdlib", "argon2", "structlog", "rich", "limits", "lingua", "httpx"),
}
WATCHED = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        target = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        host = target[0] if isinstance(target, tuple) else target
        if host not in ("127.0.0.1", b"127.0.0.1", None):
            print(f"spoke to {target!r} by {event}", flush=True)

sys.addaudithook(watch)
"""
PROGRAM = (
    WATCHED
    + """
import threading
from pathlib import Path
from tutor.config import Settings
from web.serve import build, listen, server_for

settings = Settings(_env_file=None, port=0, data_dir=Path(sys.argv[1]), embedder="none")
sock = listen(settings)
system = build(settings)
server = server_for(system)

def visit():
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", sock.getsockname()[1], timeout=60)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    page = answer.read()
    print("status", answer.status, len(page))
    print("loaded", *sorted(sys.modules))
    connection.close()
    server.should_exit = True

threading.Thread(target=visit).start()
server.run(sockets=[sock])
system.close()
"""
)


def test_the_first_page_loads_nothing_heavy_and_connects_nowhere(tmp_path: Path) -> None:
    # A machine whose other programs are traced: that is no leave for us, or for FastAPI, to send anything.
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:4318", "FASTAPI_OTEL_AUTO_CONFIGURE": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **traced},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "spoke to" not in done.stdout
    assert "status 200" in done.stdout
    loaded = set(done.stdout.partition("loaded ")[2].split())
    assert "fastapi" in loaded
    assert loaded & HEAVY == set()
    # Nor the rest of ours, which is loaded when that page is out.
    assert {name for name in loaded if name.startswith("web.pages.")} == {"web.pages.sign_in"}
    assert loaded & {"web.chat_socket", "tutor.services.turn", "tutor.domain.events", "retrieval.lexical"} == set()


LIBRARIES = (
    WATCHED
    + """
import time
from pathlib import Path
from retrieval.dense import ChromaIndex
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.values import Passage
from tutor.llm.litellm import load

embedder = HashingEmbedder()
index = ChromaIndex(embedder, Path(sys.argv[1]))
index.add("c", [Passage("p", "c", "a.md", 0, ("A",), 0, 6, "Leaves", 0)])
found = index.search("c", embedder.embed_queries(["leaves"])[0], 1)
index.close()
litellm = load()
print("found", len(found), "telemetry", litellm.telemetry)
time.sleep(0.5)  # for whatever they send in the background
"""
)


def test_the_libraries_of_search_and_models_send_nothing_home(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIBRARIES, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    assert "spoke to" not in done.stdout
    assert "found 1 telemetry False" in done.stdout


def test_numpy_is_whole_before_two_threads_can_ask_for_it(tmp_path: Path) -> None:
    """Loaded by two at once it may break: so it is there before turns and the index begin."""
    program = PROGRAM.replace("/sign-in", "/chat")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert {"numpy", "web.chat_socket"} <= set(done.stdout.partition("loaded ")[2].split())
