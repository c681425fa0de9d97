"""Older systems asked over HTTP: two POSTs with JSON to an address of the operator's.

`find` posts {"login"} and gets {"account": {…} or null}; `verify` posts {"login", "password"} and gets
{"verified": true, false or null}. What is called how in the account is set per system.
"""

import json
from collections.abc import Mapping

from connectors.legacy.live import LiveRow, live_row
from idp.core.errors import ConnectorError
from idp.outbound.answer import read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused


class HttpSource:
    """Asks a service that knows our token; the fetcher follows no redirect and goes nowhere else."""

    def __init__(self, *, url: str, token: str, columns: Mapping[str, str], fetcher: Fetcher) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._columns = columns
        self._fetcher = fetcher

    def find(self, login: str) -> LiveRow | None:
        """See LiveSource.find."""
        account = self._ask("find", {"login": login}).get("account", ...)
        if account is None:
            return None
        if not isinstance(account, dict):
            raise ConnectorError("an older system's answer names no account")
        cells = {field: account.get(column) for field, column in self._columns.items()}
        if any(not isinstance(cell, str | int | None) for cell in cells.values()):
            raise ConnectorError("an older system's answer holds what is no text")
        return live_row({field: "" if cell is None else str(cell) for field, cell in cells.items()})

    def verify(self, login: str, password: str) -> bool | None:
        """See LiveSource.verify."""
        verified = self._ask("verify", {"login": login, "password": password}).get("verified", ...)
        if verified is not None and not isinstance(verified, bool):
            raise ConnectorError("an older system's answer says neither yes nor no")
        return verified

    def _ask(self, question: str, document: Mapping[str, str]) -> Mapping[str, object]:
        try:
            response = self._fetcher.post(
                f"{self._url}/{question}",
                body=json.dumps(document).encode("ascii"),
                content_type="application/json",
                headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
            )
        except OutboundRefused as refused:
            raise ConnectorError(f"an older system gave no answer ({refused.reason})") from None
        answer = read_object(response.body)
        if response.status != 200 or not answer:
            raise ConnectorError(f"an older system answered with status {response.status}")
        return answer
