"""Office files as the ZIP packages they are."""

import io
import zipfile
from collections.abc import Callable


def changed(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The package with one part rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, change(part.decode()) if info.filename == name else part)
    return out.getvalue()
