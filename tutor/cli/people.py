"""``diotima accounts``, and what is kept of a person: ``export-learner`` and ``erase-learner``."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.cli.opening import opened, table
from tutor.domain.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from tutor.bootstrap import System
    from tutor.domain.accounts import Account

app = typer.Typer(help="People who may sign in.", no_args_is_help=True)


@app.command("add")
def accounts_add(
    username: str,
    role: Annotated[str, typer.Option(help="student, trainer, reviewer or admin.")] = "student",
    name: Annotated[str, typer.Option(help="Name shown to others.")] = "",
    language: Annotated[str, typer.Option(help="Interface language, as in en, es, ar.")] = "en",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from a pipe.")] = False,
) -> None:
    """Create an account; asks for its password."""
    from tutor.domain.accounts import Role

    try:
        chosen = Role(role)
    except ValueError:
        raise InvalidInput(f"{role} is no role; there are {', '.join(Role)}.") from None
    password = _password(password_stdin)
    with opened() as system:
        account = asyncio.run(system.accounts.create(username, password, name, chosen, language))
        print(f"{account.username} may sign in as {account.role}.")


@app.command("list")
def accounts_list() -> None:
    """List the accounts."""
    with opened() as system:
        accounts = system.store.accounts.listed()
        rows = [
            (
                a.username,
                a.display_name,
                a.role.value,
                a.language,
                f"{a.created_at:%Y-%m-%d}",
                "yes" if a.disabled else "",
            )
            for a in accounts
        ]
        table(("username", "name", "role", "language", "since", "disabled"), rows)


@app.command("set-password")
def accounts_set_password(
    username: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from a pipe.")] = False,
) -> None:
    """Give an account a new password and sign it out everywhere."""
    with opened() as system:
        account = _account(system, username)
        asyncio.run(system.accounts.set_password(account.id, _password(password_stdin)))
        print(f"{account.username} has a new password.")


@app.command("disable")
def accounts_disable(
    username: str, undo: Annotated[bool, typer.Option("--undo", help="Let the account sign in again.")] = False
) -> None:
    """Sign an account out and keep it from signing in; its conversations stay."""
    with opened() as system:
        account = asyncio.run(system.accounts.set_disabled(_account(system, username).id, not undo))
        print(f"{account.username} may sign in again." if undo else f"{account.username} can't sign in any more.")


def _account(system: "System", username: str) -> "Account":
    found = system.store.accounts.by_username(username)
    if found is None:
        raise NotFound(f"There is no account called {username}.")
    return found


def _password(piped: bool) -> str:
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def export_learner(
    username: Annotated[str, typer.Argument(help="Username, or the id of a person whose account is gone.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output otherwise.")] = None,
) -> None:
    """Write everything that is known of a person as JSON."""
    from tutor.services.privacy import export_learner as export

    with opened() as system:
        data = export(system.store, _learner(system, username))
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        print(f"Written to {out}.")


def erase_learner(
    username: Annotated[str, typer.Argument(help="Username, or the id of a person whose account is gone.")],
    yes: Annotated[bool, typer.Option("--yes", help="Really: it can't be undone.")] = False,
) -> None:
    """Erase a person: account, conversations, profile and jobs. It can't be undone."""
    from tutor.services.privacy import erase_learner as erase

    with opened() as system:
        learner = _learner(system, username)
        if not yes:
            raise InvalidInput(f"This erases {username} for good. Add --yes to do it.")
        erased = erase(system.store, learner, system.erasers)
    print(f"{username} is erased: {erased.conversations} conversations, {erased.events} events, {erased.jobs} jobs.")


def _learner(system: "System", name: str) -> str:
    """The id behind a username; an id stands for itself, for what an account that is gone has left behind."""
    account = system.store.accounts.by_username(name)
    return account.id if account else name
