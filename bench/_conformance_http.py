"""Every route of the application held to its own description, by requests that schemathesis makes up.

The server is a real one on loopback over a scratch folder, with the demo's course, so what is deleted is nobody's. Each
operation is tried by somebody new of each role. Half of the addresses name things that there are.
"""

import asyncio
import contextlib
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode, checks

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain.accounts import Account, Role, Session
from tutor.llm.scripted import ScriptedChatModel
from tutor.services import demo
from tutor.services.accounts import token_hash
from web.app import create_app
from web.description import described
from web.pages import sign_in
from web.rest import routers
from web.serve import Server, configured, listen
from web.views import TEMPLATES

ROLES: tuple[Role | None, ...] = (None, Role.STUDENT, Role.TRAINER, Role.REVIEWER, Role.ADMIN)
PUBLISHED = ("/api/films", "/api/scripts", "/media/")
PATIENCE = 20.0
STREAM_SECONDS = 0.5
SLOW = ("/sign-in",)
FEW = 5
#: Headers that readers trip over; one in eight requests brings one.
ODD = (
    {"Origin": "http://["},
    {"Accept-Language": "x;q=" + "9" * 5000},
    {"Accept-Language": "*;q=nan,\u00e9"},
    {"Range": "bytes=" + "9" * 400 + "-"},
    {"Range": "bytes=-0"},
    {"If-None-Match": '",' * 2000},
    {"If-Range": "\u00ff"},
    {"Cookie": "diotima_session=" + "a" * 3000},
    {"Cookie": 'diotima_session="\u00e9; diotima_language=../..; diotima_visitor='},
    {"Last-Event-ID": "9" * 30},
    {"Last-Event-ID": "-1"},
    {"Referer": "http://["},
    {"X-Forwarded-For": "a, b, ["},
    {"Content-Type": "multipart/form-data; boundary="},
    {"Content-Type": "application/json; charset=utf-9"},
    {"Accept": "*/*;q=x, text/html"},
)
DECK = "# Leaves\n\nThey are green.\n\n<!-- They reflect green light. -->\n"


@dataclass
class Tally:
    """What came of it: answers by status, and what broke a promise (the request, and which)."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    @property
    def cases(self) -> int:
        return sum(self.statuses.values())

    @property
    def crashes(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)


@dataclass
class Room:
    """A server with something in it; ``known`` are names of things there are, by the parameter that names them."""

    system: System
    address: str
    schema: Any
    known: dict[str, tuple[str, ...]]
    people: int = 0

    def headers(self, role: Role | None) -> dict[str, str]:
        """What the browser of somebody new of this role sends."""
        if role is None:
            return {}
        self.people += 1
        name, now = f"fuzz{self.people}", datetime.now(UTC)
        account = Account(name, name, name, role, "no password", "en", now)
        session = Session(token_hash(f"token-{name}"), name, f"csrf-{name}", now, now + timedelta(hours=1))
        self.system.store.accounts.add(account)
        self.system.store.sessions.add(session)
        return {"Cookie": f"diotima_session=token-{name}", "X-CSRF-Token": f"csrf-{name}"}

    def conversation(self, headers: dict[str, str]) -> str:
        """A conversation of theirs, with a turn in it."""
        course = self.known["course"][0]
        with httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE) as client:
            found = str(client.post("/api/conversations", json={"course": course}).json()["id"])
            frame = {"type": "send", "client_id": "m1", "text": "What do mitochondria do?"}
            client.post(f"/api/conversations/{found}/frames", json=frame).raise_for_status()
        return found


@contextlib.contextmanager
def room(folder: Path) -> Iterator[Room]:
    """The product as it is served, with generous limits, a scripted model and no film workers."""
    limits = {"messages_per_minute": 10**6, "sign_ins_per_minute": 10**6, "film_workers": 0, "embedder": "none"}
    settings = Settings(_env_file=None, host="127.0.0.1", port=0, data_dir=folder, **limits)  # type: ignore[call-arg,arg-type]
    system = build(settings, model=ScriptedChatModel())
    asyncio.run(demo.load(system.accounts, system.store.library, system.ingest))
    system.ingest.run_pending()
    app = create_app(system)
    schema = described("Everything", [route for router in (sign_in.first, *routers()) for route in router.routes])
    _forms(schema)
    sock = listen(settings)
    server = Server(configured(app, settings), app)
    serving = threading.Thread(target=lambda: server.run(sockets=[sock]))
    serving.start()
    try:
        while not server.started:
            time.sleep(0.01)
        found = Room(system, "http://{}:{}".format(*sock.getsockname()), schemathesis.openapi.from_dict(schema), {})
        _furnish(found)
        yield found
    finally:
        server.should_exit = True
        serving.join()
        system.close()


def _furnish(found: Room) -> None:
    library, bank = found.system.store.library, found.system.store.bank
    course = library.courses()[0].id
    documents = [one.path for one in library.documents(course)][:2]
    found.known |= {
        "course": (course,),
        "document": tuple(documents),
        "path": tuple(documents),
        "passage": tuple(one.id for one, _ in zip(library.passages(course), range(2), strict=False)),
        "item": tuple(one.id for one in bank.listed(course, limit=2)),
        "language": ("en", "es"),
        "text": (DECK,),
        "size": ("480p", "720p"),
    }
    with httpx.Client(base_url=found.address, headers=found.headers(Role.TRAINER), timeout=PATIENCE) as client:
        script = client.post("/api/scripts", json={"text": DECK, "course": course}).json()["id"]
        order = {"script": script, "languages": ["en"], "shared": True}
        film = client.post("/api/films", json=order).json()["films"][0]
        asset = client.post("/api/scripts/assets", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n")}).json()
    found.known |= {"script": (script,), "film": (film["id"],), "key": (film["key"],), "job": (film["id"],)}
    found.known["sha256"] = (str(asset.get("sha256", "")),)


def _forms(schema: dict[str, Any]) -> None:
    """Pages read their forms by hand, so the description has no bodies for them: any field of any form will do."""
    names = {name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_.]+)"', page.read_text())}
    text = {"type": "string", "maxLength": 200}
    form = {"type": "object", "properties": dict.fromkeys(sorted(names), text), "additionalProperties": text}
    body = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method == "post" and "requestBody" not in operation and not path.startswith("/api/"):
                operation["requestBody"] = body


def fuzz(found: Room, cases: int, seed: int, *, roles: tuple[Role | None, ...] = ROLES, match: str = "") -> Tally:
    """About ``cases`` requests, spread evenly over operations and roles. ``match``: only paths that contain it."""
    tally = Tally()
    operations = [one.ok() for one in found.schema.get_all_operations()]
    operations = [one for one in operations if match in one.path]
    rounds = len(operations) * sum(role is not None for role in roles)
    each = max(1, round(1.15 * cases / rounds))  # some can't be generated, and some can't be sent
    for number, operation in enumerate(operations):
        for role in roles:
            # A visitor is nearly always sent away, and each sign-in hashes a password, on purpose.
            count = min(each, FEW) if role is None or operation.path in SLOW else each
            _operation(found, operation, role, count, seed * 1000 + number, tally)
    return tally


def _operation(found: Room, operation: Any, role: Role | None, count: int, seed: int, tally: Tally) -> None:
    headers = found.headers(role)
    known = dict(found.known)
    if role is not None and "{conversation}" in operation.path:
        known["conversation"] = (found.conversation(headers),)
    chance = random.Random(seed)
    modes = {GenerationMode.POSITIVE: count - count // 3, GenerationMode.NEGATIVE: count // 3}
    for mode, wanted in modes.items():
        if not wanted:
            continue

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=wanted,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @hypothesis.given(case=operation.as_strategy(mode))
        def attempt(case: Any) -> None:
            _tried(found, case, headers, known, chance, tally)

        # Where nothing about a request can be wrong, there is none that is.
        with contextlib.suppress(schemathesis.errors.SchemathesisError, hypothesis.errors.Unsatisfiable):
            attempt()
    tally.operations.add(operation.label)


def _odd(chance: random.Random) -> dict[str, Any]:
    found = chance.choice(ODD) if chance.random() < 0.125 else {}
    return {name: value.encode("utf-8") for name, value in found.items()}


def _tried(
    found: Room,
    case: Any,
    headers: dict[str, str],
    known: dict[str, tuple[str, ...]],
    chance: random.Random,
    tally: Tally,
) -> None:
    stream = case.path.endswith("/events")
    for values in (case.path_parameters, case.query, case.body):
        if isinstance(values, dict):
            for name in values:
                if known.get(name) and chance.random() < 0.5:
                    values[name] = chance.choice(known[name])
    try:
        with requests.Session() as session:
            response = case.call(
                base_url=found.address,
                session=session,
                headers=headers | {"Accept": "application/json"} | _odd(chance),
                timeout=STREAM_SECONDS if stream else PATIENCE,
                allow_redirects=False,
            )
    except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
        if stream and "timed out" in str(error).lower():
            tally.statuses[200] += 1  # it began, and goes on
        else:
            tally.failures.append(f"{case.method} {case.path}: no answer ({type(error).__name__})")
            tally.statuses[599] += 1
        return
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError, ValueError):
        return  # what no client can send
    tally.statuses[response.status_code] += 1
    wanted = [checks.not_a_server_error]
    if case.path.startswith(PUBLISHED):
        wanted += [
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
        ]
    try:
        case.validate_response(response, checks=wanted)
    except BaseExceptionGroup as broken:
        about = "; ".join(f"{getattr(one, 'title', type(one).__name__)} {one}"[:300] for one in broken.exceptions)
        tally.failures.append(f"{about}: {response.status_code} {case.as_curl_command()[:600]}")
