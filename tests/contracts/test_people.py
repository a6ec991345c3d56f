"""The contracts of ``Accounts`` and ``Sessions``."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import InvalidInput, NotFound
from tutor.ports import Store

NOW = datetime(2025, 3, 1, 9, 30, 0, 5, tzinfo=UTC)
ADA = Account("id-1", "Ada", "Ada L.", Role.STUDENT, "$argon2id$...", "en", NOW)
BEN = Account("id-2", "ben", "Ben", Role.TRAINER, "$argon2id$...", "es", NOW + timedelta(seconds=1), disabled=True)


def session(token: str, account: str = "id-1", hours: float = 12) -> Session:
    return Session(token, account, f"csrf-{token}", NOW, NOW + timedelta(hours=hours))


def test_an_account_comes_back_as_it_went(store: Store) -> None:
    store.accounts.add(ADA)
    store.accounts.add(BEN)
    assert store.accounts.get("id-1") == ADA
    assert store.accounts.get("id-2") == BEN
    assert store.accounts.get("id-3") is None
    assert store.accounts.listed() == (ADA, BEN)
    assert store.accounts.listed(Role.TRAINER) == (BEN,)
    assert store.accounts.listed(Role.ADMIN) == ()


@pytest.mark.parametrize("written", ["Ada", "ada", "ADA", "Ａｄａ"])
def test_a_username_is_one_name_however_it_is_written(store: Store, written: str) -> None:
    store.accounts.add(ADA)
    assert store.accounts.by_username(written) == ADA
    with pytest.raises(InvalidInput):
        store.accounts.add(replace(BEN, username=written))
    assert store.accounts.listed() == (ADA,)


def test_an_id_is_taken_once(store: Store) -> None:
    store.accounts.add(ADA)
    with pytest.raises(InvalidInput):
        store.accounts.add(replace(ADA, username="other"))
    assert store.accounts.by_username("other") is None


def test_an_account_changes(store: Store) -> None:
    store.accounts.add(ADA)
    store.accounts.add(BEN)
    changed = replace(ADA, username="countess", role=Role.ADMIN, disabled=True, language="ar")
    assert store.accounts.update("id-1", lambda _: changed) == changed
    assert store.accounts.get("id-1") == changed
    assert store.accounts.by_username("ada") is None
    with pytest.raises(InvalidInput):
        store.accounts.update("id-1", lambda now: replace(now, username="BEN"))
    with pytest.raises(NotFound):
        store.accounts.update("id-9", lambda now: replace(now, username="nobody"))
    assert store.accounts.listed() == (changed, BEN)


def with_hash(encoded: str) -> Callable[[Account], Account]:
    return lambda now: replace(now, password_hash=encoded)


def test_changes_beside_each_other_are_both_made(store: Store) -> None:
    """Somebody who keeps changing their language must not undo that they are disabled."""
    store.accounts.add(ADA)
    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            store.accounts.update("id-1", lambda now: replace(now, disabled=False, role=Role.TRAINER))
            changes: list[Callable[[Account], Account]] = [
                lambda now: replace(now, language="es"),
                lambda now: replace(now, disabled=True),
                with_hash(f"hash {number}"),
                lambda now: replace(now, role=Role.STUDENT),
                lambda now: replace(now, display_name=now.display_name + "."),
            ]
            list(pool.map(lambda change: store.accounts.update("id-1", change), changes * 3))
    found = store.accounts.get("id-1")
    assert found == replace(
        ADA, disabled=True, language="es", password_hash="hash 9", role=Role.STUDENT, display_name="Ada L." + 30 * "."
    )


def test_erasing_an_account_ends_its_sessions(store: Store) -> None:
    store.accounts.add(ADA)
    store.accounts.add(BEN)
    store.sessions.add(session("a"))
    store.sessions.add(session("b", "id-2"))
    store.accounts.erase("id-1")
    store.accounts.erase("id-1")
    assert store.accounts.listed() == (BEN,)
    assert store.sessions.get("a") is None
    assert store.sessions.get("b") == session("b", "id-2")
    with pytest.raises(NotFound):
        store.sessions.add(session("c"))


def test_a_session_names_its_holder_as_they_are_now(store: Store) -> None:
    store.accounts.add(ADA)
    store.accounts.add(BEN)
    store.sessions.add(session("a"))
    store.sessions.add(session("b", "id-2"))
    assert store.accounts.holder("a") == (ADA, session("a"))
    assert store.accounts.holder("b") == (BEN, session("b", "id-2"))
    assert store.accounts.holder("unknown") is None
    changed = store.accounts.update("id-1", lambda account: replace(account, disabled=True, role=Role.TRAINER))
    assert store.accounts.holder("a") == (changed, session("a"))
    store.sessions.revoke("b")
    store.accounts.erase("id-1")
    assert [store.accounts.holder(token) for token in "ab"] == [None, None]


def test_sessions_are_kept_revoked_and_pruned(store: Store) -> None:
    store.accounts.add(ADA)
    store.accounts.add(BEN)
    for token, account, hours in [
        ("a", "id-1", 1),
        ("b", "id-1", 2),
        ("c", "id-1", 3),
        ("d", "id-2", 3),
        ("e", "id-2", 1),
    ]:
        store.sessions.add(session(token, account, hours))
    assert store.sessions.get("a") == session("a", hours=1)
    store.sessions.revoke("a")
    store.sessions.revoke("unknown")
    assert store.sessions.get("a") is None
    assert store.sessions.prune(NOW + timedelta(hours=2)) == 2
    assert [store.sessions.get(token) is not None for token in "abcde"] == [False, False, True, True, False]
    store.sessions.revoke_all("id-1")
    assert [store.sessions.get(token) is not None for token in "abcde"] == [False, False, False, True, False]
    assert store.sessions.prune(NOW) == 0
