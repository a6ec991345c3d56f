"""Signing in and out, on the shipped fake store and a quick hasher of the same shape as Argon2."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tutor.domain.accounts import Account, Role
from tutor.domain.errors import InvalidInput, NotFound, RateLimited, SignInFailed, WeakPassword
from tutor.services.accounts import AccountService, Argon2, token_hash
from tutor.store.memory import MemoryStore

START = datetime(2030, 1, 1, tzinfo=UTC)


class QuickHasher:
    """Hashes by prefix, and counts."""

    def __init__(self) -> None:
        self.verified: list[str] = []

    def hash(self, password: str) -> str:
        return f"quick:{password}"

    def verify(self, password: str, encoded: str) -> bool:
        self.verified.append(encoded)
        return encoded == f"quick:{password}"


class Bench:
    def __init__(self, per_minute: int = 100) -> None:
        self.now = START
        self.store = MemoryStore()
        self.hasher = QuickHasher()
        self.ended: list[tuple[str, str | None]] = []
        counter = itertools.count(1)
        self.service = AccountService(
            self.store.accounts,
            self.store.sessions,
            clock=lambda: self.now,
            new_id=lambda: f"id{next(counter)}",
            session_hours=2,
            sign_ins_per_minute=per_minute,
            hasher=self.hasher,
        )
        self.service.on_revoked(lambda account, hashed: self.ended.append((account, hashed)))

    async def ada(self) -> Account:
        return await self.service.create("Ada", "correct horse", "Ada L.", Role.STUDENT)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_session_is_known_by_its_token_and_stored_by_its_hash(bench: Bench) -> None:
    account = await bench.ada()
    token, session, signed = await bench.service.sign_in("ada", "correct horse", "10.0.0.1")
    assert signed == account
    assert session.token_hash == token_hash(token)
    assert token not in session.token_hash
    assert len(token) >= 43
    assert session.csrf not in (token, session.token_hash)
    assert session.expires_at - session.created_at == timedelta(hours=2)
    assert await bench.service.resolve(token) == (account, session)
    assert await bench.service.resolve(session.token_hash) is None


async def test_names_are_compared_as_people_read_them(bench: Bench) -> None:
    account = await bench.service.create("  ＡＤＡ ", "correct horse")
    assert account.username == "ADA"
    assert account.display_name == "ADA"
    assert (await bench.service.sign_in("ada", "correct horse", "a"))[2] == account


@pytest.mark.parametrize(("name", "password"), [("Ada", "wrong horse"), ("nobody", "correct horse"), ("Ada", "")])
async def test_a_wrong_name_and_a_wrong_password_cost_the_same_and_say_the_same(
    bench: Bench, name: str, password: str
) -> None:
    await bench.ada()
    with pytest.raises(SignInFailed) as error:
        await bench.service.sign_in(name, password, "a")
    assert error.value.data == {}
    assert len(bench.hasher.verified) == 1


async def test_a_disabled_account_is_out_at_once_and_stays_out(bench: Bench) -> None:
    account = await bench.ada()
    token, _, _ = await bench.service.sign_in("Ada", "correct horse", "a")
    await bench.service.set_disabled(account.id, True)
    assert await bench.service.resolve(token) is None
    assert bench.ended == [(account.id, None)]
    with pytest.raises(SignInFailed):
        await bench.service.sign_in("Ada", "correct horse", "a")
    await bench.service.set_disabled(account.id, False)
    assert await bench.service.resolve(token) is None
    assert (await bench.service.sign_in("Ada", "correct horse", "a"))[2].id == account.id


async def test_sessions_expire(bench: Bench) -> None:
    await bench.ada()
    token, session, _ = await bench.service.sign_in("Ada", "correct horse", "a")
    bench.now = session.expires_at - timedelta(seconds=1)
    assert await bench.service.resolve(token) is not None
    bench.now = session.expires_at
    assert await bench.service.resolve(token) is None
    await bench.service.sign_in("Ada", "correct horse", "a")
    assert bench.store.sessions.get(session.token_hash) is None, "an expired session is swept away"


async def test_signing_out_ends_this_session_only(bench: Bench) -> None:
    account = await bench.ada()
    one, session, _ = await bench.service.sign_in("Ada", "correct horse", "a")
    two, _, _ = await bench.service.sign_in("Ada", "correct horse", "a")
    await bench.service.sign_out(one)
    await bench.service.sign_out("never heard of")
    assert await bench.service.resolve(one) is None
    assert await bench.service.resolve(two) is not None
    assert bench.ended == [(account.id, session.token_hash)]


Change = Callable[[AccountService, str], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda s, a: s.set_role(a, Role.TRAINER),
        lambda s, a: s.change_password(a, "correct horse", "battery staple"),
        lambda s, a: s.set_password(a, "battery staple"),
        lambda s, a: s.revoke_all(a),
        lambda s, a: s.erase(a),
    ],
    ids=["role", "password", "reset", "revoke", "erase"],
)
async def test_what_ends_every_session(bench: Bench, change: Change) -> None:
    account = await bench.ada()
    tokens = [(await bench.service.sign_in("Ada", "correct horse", "a"))[0] for _ in range(2)]
    await change(bench.service, account.id)  # type: ignore[misc]
    assert [await bench.service.resolve(token) for token in tokens] == [None, None]
    assert bench.ended == [(account.id, None)]


async def test_the_same_role_again_ends_nothing(bench: Bench) -> None:
    account = await bench.ada()
    await bench.service.set_role(account.id, Role.STUDENT)
    assert bench.ended == []


async def test_a_password_changes_only_for_who_knows_it(bench: Bench) -> None:
    account = await bench.ada()
    with pytest.raises(SignInFailed):
        await bench.service.change_password(account.id, "guess", "battery staple")
    with pytest.raises(WeakPassword):
        await bench.service.change_password(account.id, "correct horse", "short")
    await bench.service.change_password(account.id, "correct horse", "battery staple")
    with pytest.raises(SignInFailed):
        await bench.service.sign_in("Ada", "correct horse", "a")
    assert await bench.service.sign_in("Ada", "battery staple", "a")


@pytest.mark.parametrize("password", ["", "seven77", "x" * 1025])
async def test_weak_passwords(bench: Bench, password: str) -> None:
    with pytest.raises(WeakPassword) as error:
        await bench.service.create("Ada", password)
    assert error.value.data == {"min_length": 8, "max_length": 1024}
    assert await bench.service.by_username("Ada") is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "ADA"])
async def test_names_that_cannot_be(bench: Bench, name: str) -> None:
    await bench.ada()
    with pytest.raises(InvalidInput):
        await bench.service.create(name, "correct horse")


async def test_nobody_to_change(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.service.set_role("nobody", Role.ADMIN)


async def test_an_overlong_password_is_never_hashed_whole(bench: Bench) -> None:
    account = await bench.service.create("Ada", "x" * 1024)
    with pytest.raises(SignInFailed):
        await bench.service.sign_in("Ada", "x" * 1_000_000, "a")
    assert (await bench.service.sign_in("Ada", "x" * 1024, "a"))[2] == account


async def test_a_class_behind_one_address_can_sign_in_but_nobody_can_try_every_name() -> None:
    bench = Bench(per_minute=3)
    for pupil in range(6):
        await bench.service.create(f"pupil{pupil}", "correct horse")
        await bench.service.sign_in(f"pupil{pupil}", "correct horse", "10.0.0.1")
    for name in range(24):
        with pytest.raises(SignInFailed):
            await bench.service.sign_in(f"nobody{name}", "guess", "10.0.0.1")
    with pytest.raises(RateLimited):
        await bench.service.sign_in("pupil0", "correct horse", "10.0.0.1")


async def test_guessing_is_slowed_by_address() -> None:
    bench = Bench(per_minute=3)
    await bench.ada()
    for _ in range(3):
        with pytest.raises(SignInFailed):
            await bench.service.sign_in("Ada", "guess", "10.0.0.1")
    with pytest.raises(RateLimited) as error:
        await bench.service.sign_in("Ada", "correct horse", "10.0.0.1")
    assert error.value.retryable
    assert 1 <= error.value.data["retry_after"] <= 61
    assert await bench.service.sign_in("Ada", "correct horse", "10.0.0.2")


async def test_language_stays_with_the_account(bench: Bench) -> None:
    account = await bench.ada()
    await bench.service.set_language(account.id, "es")
    found = await bench.service.get(account.id)
    assert found is not None
    assert found.language == "es"
    assert await bench.service.listed(Role.STUDENT) == (found,)
    assert bench.ended == []


def test_argon2_is_what_is_used_in_earnest() -> None:
    hasher = Argon2()
    encoded = hasher.hash("correct horse")
    assert encoded.startswith("$argon2id$")
    assert hasher.verify("correct horse", encoded)
    assert not hasher.verify("wrong horse", encoded)
    assert not hasher.verify("correct horse", "no such scheme")


async def test_a_stolen_session_is_no_good_for_guessing_the_password() -> None:
    bench = Bench(per_minute=3)
    account = await bench.ada()
    for _ in range(3):
        with pytest.raises(SignInFailed):
            await bench.service.change_password(account.id, "wrong horse", "another horse")
    with pytest.raises(RateLimited):
        await bench.service.change_password(account.id, "correct horse", "another horse")
    assert len(bench.hasher.verified) == 3, "nor for keeping everybody else from signing in"
    await bench.service.sign_in("Ada", "correct horse", "a")
