"""What bringing in material remembers from one time to the next, in a file beside the indexes."""

import json
from pathlib import Path


class Notes:
    """How each file was read last, and which courses have their vectors: a cache, safe to delete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data: dict[str, dict[str, str]] = _read(path)

    def get(self, part: str, key: str) -> str | None:
        return self._data.get(part, {}).get(key)

    def put(self, part: str, values: dict[str, str]) -> None:
        self._data[part] = {**self._data.get(part, {}), **values}
        self._save()

    def drop(self, part: str) -> None:
        if self._data.pop(part, None) is not None:
            self._save()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps(self._data))
        temporary.replace(self._path)


def _read(path: Path) -> dict[str, dict[str, str]]:
    """What of the file is as we write it; the rest is noted anew."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    parts = found if isinstance(found, dict) else {}
    return {
        part: {key: value for key, value in values.items() if isinstance(value, str)}
        for part, values in parts.items()
        if isinstance(values, dict)
    }
