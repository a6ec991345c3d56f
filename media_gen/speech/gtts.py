"""Google Translate's voices, over the network. **Every sentence spoken with them is sent to Google.**

So this engine speaks only where a trainer asks for its voice; no language's chain has it. The service is not made for
programs and turns them away when they ask much: requests are throttled, and tried again after growing pauses with
jitter, or after what the server asks for. The package gtts words the requests; they are sent by httpx, because gtts
itself doesn't check the server's certificate.
"""

import base64
import importlib.metadata
import importlib.util
import io
import json
import random
import ssl
import time
import urllib.parse
import urllib.request
from typing import Any

import numpy as np

from media_gen.errors import SpeechFailed, VoiceBusy
from media_gen.speech.pool import Patience, Pool
from media_gen.speech.port import RATE, Samples, Utterance
from media_gen.speech.worker import Speak

ADDRESS = "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
CODES = {"zh": "zh-CN", "pt-br": "pt", "pt": "pt", "he": "iw"}
ATTEMPTS = 5
GAP = 1.0  # seconds from one request to the next
PAUSE = 2.0  # seconds before the second attempt; each next is twice as long
LONGEST_PAUSE = 30.0
BUSY = {429, 500, 502, 503, 504}


class GoogleEngine:
    name = "gtts"
    online = True

    def __init__(self, *, address: str = ADDRESS, gap: float = GAP, pause: float = PAUSE) -> None:
        installed = importlib.util.find_spec("gtts") is not None
        self.version = f"1 gtts {importlib.metadata.version('gtts')}" if installed else "1"
        # The speech process has no environment of ours, so it is told of the proxy and the certificates.
        at = urllib.parse.urlsplit(address)
        around = urllib.request.proxy_bypass(at.hostname or "")
        proxy = None if around else urllib.request.getproxies().get(at.scheme)
        options = {"address": address, "gap": gap, "pause": pause, "proxy": proxy}
        options["certificates"] = ssl.get_default_verify_paths().cafile
        self._pool = Pool(self.name, f"{__name__}:speaker", options, patience=Patience(sentence=240.0))

    def missing(self) -> str:
        return "" if importlib.util.find_spec("gtts") else "Google's voices need the package gtts."

    def voices(self, language: str) -> tuple[str, ...]:
        if self.missing():
            return ()
        from gtts.lang import tts_langs

        tag = language.lower()
        code = CODES.get(tag) or CODES.get(tag.partition("-")[0]) or tag.partition("-")[0]
        return (code,) if code in tts_langs() else ()

    def speak(self, utterance: Utterance) -> Samples:
        return self._pool.speak(utterance)

    def close(self) -> None:
        self._pool.close()


# -- in the speech process -------------------------------------------------------------------------------------------


def speaker(address: str, gap: float, pause: float, proxy: str | None, certificates: str | None) -> Speak:
    import certifi
    import httpx
    from gtts import gTTS

    tls = ssl.create_default_context()
    for file in (certificates, certifi.where()):
        if file:
            tls.load_verify_locations(file)
    client = httpx.Client(headers=gTTS.GOOGLE_TTS_HEADERS, timeout=20.0, proxy=proxy, verify=tls)
    last = [0.0]

    def post(body: str) -> str:
        problem, wait = "", pause
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(min(wait, LONGEST_PAUSE) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter
                wait *= 2
            time.sleep(max(0.0, last[0] + gap - time.monotonic()))
            last[0] = time.monotonic()
            try:
                answer = client.post(address, content=body)
            except httpx.TransportError as error:
                problem = f"the service could not be reached ({error})"
                continue
            if answer.status_code == 200:
                return answer.text
            problem = f"the service answered {answer.status_code}"
            if answer.status_code not in BUSY:
                raise SpeechFailed(problem)
            asked = answer.headers.get("Retry-After", "")
            wait = max(wait, float(asked)) if asked.isdigit() else wait
        raise VoiceBusy(f"{problem}, {ATTEMPTS} times")

    def speak(utterance: Utterance) -> tuple[Samples, int]:
        bodies = gTTS(utterance.text, lang=utterance.voice, lang_check=False).get_bodies()
        parts = [_decoded(_sound(post(body))) for body in bodies]
        return np.concatenate(parts), RATE

    return speak


def _sound(answer: str) -> bytes:
    """The MP3 in an answer: lines of JSON, one of them ``[["wrb.fr", "jQ1olc", "[\\"<base64>\\"]", ...]]``."""
    for line in answer.splitlines():
        if "jQ1olc" in line:
            try:
                rows: Any = json.loads(line)
                return base64.b64decode(json.loads(next(row[2] for row in rows if row[1] == "jQ1olc"))[0])
            except (ValueError, TypeError, LookupError, StopIteration):
                break
    raise SpeechFailed("the service sent no sound")


def _decoded(data: bytes) -> Samples:
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            resampler = av.AudioResampler("flt", "mono", RATE)
            frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
            frames += resampler.resample(None)
    except (av.FFmpegError, IndexError) as error:
        raise SpeechFailed(f"the sound could not be read ({error})") from error
    return np.concatenate([np.zeros(0, np.float32), *(frame.to_ndarray().ravel() for frame in frames)])
