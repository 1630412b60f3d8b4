"""Who calls: the programs an API token stands for."""

from typing import Annotated

from fastapi import Depends, Header

from bot.domain.access import Actor
from bot.services import accounts
from bot.storage import reading


def bearer(authorization: Annotated[str, Header()] = "") -> Actor:
    """Who the API token stands for; 401 without one."""
    with reading() as session:
        return accounts.by_api_token(session, authorization.removeprefix("Bearer "))


Caller = Annotated[Actor, Depends(bearer)]
