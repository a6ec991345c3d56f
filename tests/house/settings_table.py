"""The table of docs/settings.md, as the settings themselves describe it.

python -m tests.house.settings_table        prints it
"""

from typing import Any, get_args

from tutor.config import Settings


def rows() -> list[str]:
    """One Markdown row for each setting, in the order of the class."""
    return [
        f"| `DIOTIMA_{name.upper()}` | {_default(field.default)} | {_about(field)} |"
        for name, field in Settings.model_fields.items()
    ]


def _default(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text not in ("", "()", "None") else "empty"


def _about(field: Any) -> str:
    choices = [repr(choice).replace("'", "`") for choice in get_args(field.annotation) if isinstance(choice, str)]
    among = f" One of {', '.join(choices)}." if choices else ""
    return f"{field.description}{among}"


if __name__ == "__main__":
    import sys

    sys.stdout.write("\n".join(rows()) + "\n")
