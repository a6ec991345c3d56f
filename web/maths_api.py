"""How a formula would be read, while it is typed."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from tutor.domain.accounts import Account
from web.security import signed_in

router = APIRouter(prefix="/api/maths")


class Typed(BaseModel):
    text: Annotated[str, Field(max_length=500)]
    language: Annotated[str, Field(max_length=35)] = "en"


@router.post("/preview")
async def preview(request: Request, typed: Typed, account: Annotated[Account, Depends(signed_in())]) -> dict[str, str]:
    """``{html, reading}``: sanitised MathML and one plain line; both empty where it can't be read (yet)."""
    request.app.state.preview_limit.hit(account.id)
    html, reading = await asyncio.to_thread(_preview, typed.text, typed.language)
    return {"html": html, "reading": reading}


def _preview(text: str, language: str) -> tuple[str, str]:
    from web.markdown import sanitised
    from web.typeset import preview as typeset

    html, reading = typeset(text, language)
    return sanitised(html), reading
