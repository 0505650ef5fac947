"""Rendering a tenant's pages in its theme and brand."""

from collections import OrderedDict
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

import msgspec
from jinja2.environment import Environment

from tenancy.resolver import ResolvedTenant
from tenancy.themes.assets import AssetFile, Assets
from tenancy.themes.catalogue import BASE, ThemeCatalogue
from tenancy.themes.check import check
from tenancy.themes.environment import sandbox
from tenancy.themes.look import Stylesheet
from tenancy.themes.model import Theme
from tenancy.themes.site import Site, describe

REMEMBERED_SITES: Final = 1024

EVERYWHERE: Final[Mapping[str, object]] = {"section": "", "query": "", "browse_name": "Browse", "has_comics": False}
"""What the layout asks for whatever the page: the part of the site it belongs to, the words searched for, what the
catalogue is called, and whether reader apps find anything at /opds."""

ADVICE: Final = {
    403: "This is not open to you here.",
    404: "The page may have moved, or the title may have left the catalogue.",
    405: "This address does not take that kind of request.",
    503: "We are on it. Please try again in a moment.",
}


class Themes:
    """Pages of every theme. Templates get plain data, autoescaped, in a sandbox; a page costs about a millisecond."""

    def __init__(self, catalogue: ThemeCatalogue, assets: Assets, *, bytecode_directory: Path | None = None) -> None:
        self._catalogue = catalogue
        self._assets = assets
        self._bytecode_directory = bytecode_directory
        self._environments: dict[str, Environment] = {}
        self._sites: OrderedDict[tuple[str, str, bytes], Site] = OrderedDict()

    @classmethod
    def installed(cls, *, bytecode_directory: Path | None = None) -> Self:
        """The themes that came with the platform; AssetsNotBuilt in a checkout whose assets were never built."""
        path = Path(str(files("themes")))
        assets = Assets.load(path / BASE / "static" / "dist")
        return cls(ThemeCatalogue.load(path), assets, bytecode_directory=bytecode_directory)

    def flaws(self) -> list[str]:
        """What is fatally wrong with the themes at hand, a line each; empty when all are sound."""
        themes = [self._catalogue.get(name) for name in self._catalogue.names]
        found = [(theme.name, each) for theme in themes for each in check(theme, self._assets) if each.fatal]
        return [f"{name}: {each.where}: {each.what}" for name, each in found]

    def render(self, tenant: ResolvedTenant, template: str, context: Mapping[str, object]) -> str:
        """The page as HTML. `context` holds plain data: dicts, lists, text, numbers."""
        theme = self._catalogue.get(tenant.theme)
        page = self._environment(theme).get_template(template)
        ours = {"site": self._site(theme, tenant).context, "sells_premium": tenant.tenant.membership.enabled}
        return page.render({**EVERYWHERE, **ours, **context})

    def asset(self, name: str) -> str:
        """The URL of a built file by the name of its source; KeyError when there is none."""
        return self._assets.url(name)

    def asset_file(self, name: str) -> AssetFile | None:
        """The built file behind a hashed name."""
        return self._assets.file(name)

    def brand_stylesheet(self, tenant: ResolvedTenant) -> Stylesheet:
        """The tenant's own CSS, linked by its pages as `/assets/<name>`."""
        return self._site(self._catalogue.get(tenant.theme), tenant).stylesheet

    def site(self, tenant: ResolvedTenant) -> Mapping[str, object]:
        """What templates know as `site`: name, direction, colours of the browser's frame, …"""
        return self._site(self._catalogue.get(tenant.theme), tenant).context

    def error_page(self, tenant: ResolvedTenant, status: int, title: str, detail: str) -> str:
        """A whole page that says what went wrong, what to do, and no more."""
        error = {"status": status, "title": title, "detail": detail or ADVICE.get(status, "")}
        return self.render(tenant, "error.html", {"error": error})

    def _environment(self, theme: Theme) -> Environment:
        if theme.name not in self._environments:
            self._environments[theme.name] = sandbox(theme, {"asset": self._assets.url}, self._bytecode_directory)
        return self._environments[theme.name]

    def _site(self, theme: Theme, tenant: ResolvedTenant) -> Site:
        domain = tenant.tenant.domain
        key = (theme.name, domain, msgspec.json.encode(tenant.brand))
        site = self._sites.get(key)
        if site is None:
            site = self._sites[key] = describe(theme, tenant.brand, domain, self._assets)
            if len(self._sites) > REMEMBERED_SITES:
                self._sites.popitem(last=False)
        return site
