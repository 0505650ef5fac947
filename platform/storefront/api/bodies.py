"""How the API reads bodies."""

from __future__ import annotations

from typing import Any

from litestar import Request

from storefront.refusals import BadParameter


class ApiRequest(Request[Any, Any, Any]):
    """A request whose body is refused, however deep it is nested and whatever bytes it is made of."""

    async def json(self) -> Any:
        """The body as JSON. Raises BadParameter, and what Litestar raises for what is no JSON."""
        try:
            return await super().json()
        except RecursionError:
            raise BadParameter("the body is nested too deeply") from None
        except UnicodeDecodeError:
            raise BadParameter("the body is not UTF-8") from None
