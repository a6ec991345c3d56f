"""The front door: everybody is led to the page of their role."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse

from tutor.domain.accounts import Account, Role
from web.security import signed_in

router = APIRouter()

_HOME = {Role.STUDENT: "/chat", Role.TRAINER: "/courses", Role.REVIEWER: "/review", Role.ADMIN: "/courses"}


@router.get("/")
async def home(account: Annotated[Account, Depends(signed_in())]) -> RedirectResponse:
    return RedirectResponse(_HOME[account.role], status_code=303)
