"""Google's voices, against a server of the test's own: nothing leaves the machine."""

import base64
import http.server
import io
import json
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import numpy as np
import pytest

from media_gen.errors import SpeechFailed, VoiceBusy
from media_gen.speech.gtts import ATTEMPTS, GoogleEngine
from media_gen.speech.port import RATE, Utterance


def mp3(seconds: float) -> bytes:
    """A tone, as the service sends sound: MP3 at 24 kHz."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono")
        samples = (8000 * np.sin(2 * np.pi * 330 * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16p", layout="mono")
        frame.rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return buffer.getvalue()


def reply(sound: bytes) -> bytes:
    inner = json.dumps([base64.b64encode(sound).decode()], separators=(",", ":"))
    return b")]}'\n\n" + json.dumps([["wrb.fr", "jQ1olc", inner, None], ["di", 21]], separators=(",", ":")).encode()


@dataclass
class Service:
    """Answers with ``answers`` in turn (status, headers, body), the last one for good."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def service() -> Iterator[Service]:
    served = Service()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            served.asked.append(urllib.parse.parse_qs(body)["f.req"][0])
            status, headers, data = served.answers.pop(0) if len(served.answers) > 1 else served.answers[0]
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_port}/speak"
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def engine(service: Service) -> Iterator[GoogleEngine]:
    made = GoogleEngine(address=service.address, gap=0.0, pause=0.01)
    yield made
    made.close()


BUSY: tuple[int, dict[str, str], bytes] = (429, {}, b"")
FINE = (200, {}, reply(mp3(1.0)))


def test_a_sentence_becomes_sound(service: Service, engine: GoogleEngine) -> None:
    service.answers = [FINE]
    samples = engine.speak(Utterance("Las plantas necesitan luz.", "es", "es"))
    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(1.0, abs=0.1)
    assert np.count_nonzero(np.diff(np.signbit(samples[2400:-2400]))) == pytest.approx(2 * 330 * 0.8, rel=0.1)
    assert "Las plantas necesitan luz." in json.loads(json.loads(service.asked[0])[0][0][1])


def test_a_long_sentence_is_sent_in_parts_and_comes_back_whole(service: Service, engine: GoogleEngine) -> None:
    service.answers = [FINE]
    samples = engine.speak(Utterance("Plants need light, and water, and air. " * 6, "en", "en"))
    assert len(service.asked) > 1
    assert len(samples) / RATE == pytest.approx(len(service.asked), rel=0.1)


def test_a_busy_service_is_asked_again(service: Service, engine: GoogleEngine) -> None:
    service.answers = [BUSY, (503, {}, b""), (429, {"Retry-After": "0"}, b""), FINE]
    assert len(engine.speak(Utterance("Light.", "en", "en")))
    assert len(service.asked) == 4


def test_a_service_that_stays_busy_is_left(service: Service, engine: GoogleEngine) -> None:
    service.answers = [BUSY]
    with pytest.raises(VoiceBusy, match="429") as caught:
        engine.speak(Utterance("Light.", "en", "en"))
    assert caught.value.retryable
    assert len(service.asked) == ATTEMPTS


def test_a_refusal_is_not_asked_again(service: Service, engine: GoogleEngine) -> None:
    service.answers = [(403, {}, b"")]
    with pytest.raises(SpeechFailed, match="403"):
        engine.speak(Utterance("Light.", "en", "en"))
    assert len(service.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b'[["wrb.fr","jQ1olc",null]]', reply(b""), reply(b"no sound at all")])
def test_an_answer_without_sound_is_a_failure(service: Service, engine: GoogleEngine, body: bytes) -> None:
    service.answers = [(200, {}, body)]
    with pytest.raises(SpeechFailed, match=r"no sound|could not be read"):
        engine.speak(Utterance("Light.", "en", "en"))


def test_nobody_there_is_like_busy(engine: GoogleEngine) -> None:
    unreachable = GoogleEngine(address="http://127.0.0.1:9/speak", gap=0.0, pause=0.01)
    with pytest.raises(VoiceBusy, match="could not be reached"):
        unreachable.speak(Utterance("Light.", "en", "en"))
    unreachable.close()


def test_its_voices_are_the_services_languages(engine: GoogleEngine) -> None:
    assert engine.missing() == ""
    assert engine.online
    assert [engine.voices(tag) for tag in ("en", "pt-BR", "zh", "ar", "xx")] == [
        ("en",),
        ("pt",),
        ("zh-CN",),
        ("ar",),
        (),
    ]
