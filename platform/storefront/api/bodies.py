"""How the API reads bodies."""

from __future__ import annotations

from typing import Any

from litestar import Request

from storefront.refusals import BadParameter


class ApiRequest(Request[Any, Any, Any]):
    """A request whose JSON may be nested as deep as somebody likes, and is then refused."""

    async def json(self) -> Any:
        """The body as JSON. Raises BadParameter, and what Litestar raises for what is no JSON."""
        try:
            return await super().json()
        except RecursionError:
            raise BadParameter("the body is nested too deeply") from None
