"""Events to read and webhook endpoints to set: https://docs.stripe.com/api/events"""

from sandbox.http.store import Document

from .errors import invalid
from .events import endpoint_made
from .lists import PAGING, listed
from .params import Params
from .render import shown
from .world import World


def retrieve_event(world: World, params: Params, key: str) -> Document:
    """An event."""
    params.only("expand")
    return world.get("event", key)


def list_events(world: World, params: Params) -> Document:
    """A page of events."""
    params.only(*PAGING, "type", "types")
    kinds = params.texts("types")
    page = listed(world, "event", "/v1/events", params, type=params.text("type"))
    return {**page, "data": [each for each in page["data"] if each["type"] in kinds]} if kinds else page


def create(world: World, params: Params) -> Document:
    """A new endpoint; its secret is told this once."""
    params.only("url", "enabled_events", "description", "metadata", "api_version", "expand")
    kinds = tuple(params.texts("enabled_events"))
    if not kinds:
        raise invalid("Missing required param: enabled_events.", param="enabled_events", code="parameter_missing")
    endpoint = endpoint_made(world, params.needed("url"), kinds)
    world.change(endpoint, description=params.text("description"), metadata=params.merged())
    return {**shown(endpoint), "secret": endpoint["_secret"]}


def retrieve(world: World, params: Params, key: str) -> Document:
    """An endpoint."""
    params.only("expand")
    return world.get("webhook_endpoint", key)


def update(world: World, params: Params, key: str) -> Document:
    """A changed endpoint."""
    params.only("url", "enabled_events", "disabled", "description", "metadata", "expand")
    endpoint = world.get("webhook_endpoint", key)
    if "disabled" in params:
        world.change(endpoint, status="disabled" if params.flag("disabled") else "enabled")
    if url := params.text("url"):
        world.change(endpoint, url=url)
    if kinds := params.texts("enabled_events"):
        world.change(endpoint, enabled_events=kinds)
    return endpoint


def delete(world: World, params: Params, key: str) -> Document:
    """Post nothing more to an endpoint."""
    params.only()
    world.change(world.get("webhook_endpoint", key), deleted=True, status="disabled")
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


def list_all(world: World, params: Params) -> Document:
    """A page of endpoints."""
    params.only(*PAGING)
    return listed(world, "webhook_endpoint", "/v1/webhook_endpoints", params)
