"""Who calls: the programs an API token stands for."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.domain.access import Actor
from bot.services import accounts
from bot.storage import reading

_scheme = HTTPBearer(auto_error=False, description="A token made with `hotline token create`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]


def bearer(given: Credentials) -> Actor:
    """Who the API token stands for; 401 without one."""
    with reading() as session:
        return accounts.by_api_token(session, given.credentials if given else "")


Caller = Annotated[Actor, Depends(bearer)]
