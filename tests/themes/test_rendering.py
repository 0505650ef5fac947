"""Templates: found along the lineage, run in a sandbox, escaped, and drawn with the tenant's brand."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.exceptions import SecurityError, TemplateSyntaxError

from tenancy.model import Colours
from tenancy.themes.assets import Assets
from tenancy.themes.catalogue import ThemeCatalogue
from tenancy.themes.environment import sandbox
from tenancy.themes.model import Manifest, Theme, Tokens
from tenancy.themes.renderer import Themes
from tests.themes.conftest import MakeTenant
from tests.themes.test_shipped import ROOT


def theme_of(root: Path, **templates: dict[str, str]) -> Theme:
    for name, files in templates.items():
        for file, text in files.items():
            path = root / name / "templates" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    manifest = Manifest(name=next(iter(templates)), title="T", version="1", api=1)
    return Theme(manifest, tuple(root / name for name in templates), Tokens(), {}, {})


def test_a_template_is_the_childs_else_the_parents(tmp_path: Path) -> None:
    theme = theme_of(
        tmp_path,
        child={"home.html": "{% extends 'base/home.html' %}{% block a %}child{% endblock %}"},
        base={"home.html": "<{% block a %}base{% endblock %}>{% include 'foot.html' %}", "foot.html": "foot"},
    )
    environment = sandbox(theme, {}, None)
    assert environment.get_template("home.html").render() == "<child>foot"


@pytest.mark.parametrize(
    "name", ["../secret.html", "base/../../secret.html", "/etc/passwd", "base//etc/passwd", "parts\\..\\x", "gone.html"]
)
def test_a_template_name_never_leaves_the_packages(tmp_path: Path, name: str) -> None:
    theme = theme_of(tmp_path, base={"home.html": "x"})
    (tmp_path / "secret.html").write_text("secret")
    with pytest.raises(TemplateNotFound):
        sandbox(theme, {}, None).get_template(name)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ [].append(1) }}",
        "{{ ask.__globals__ }}",
        "{{ ask.__func__.__code__ }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ 'x'|format }}",
        "{{ [1]|map('string')|list }}",
        "{{ missing }}",
    ],
)
def test_the_sandbox_has_nothing_to_reach_for(tmp_path: Path, text: str) -> None:
    theme = theme_of(tmp_path, base={"home.html": text})
    with pytest.raises((SecurityError, UndefinedError, TemplateSyntaxError)):
        sandbox(theme, {"ask": lambda: "x"}, None).get_template("home.html").render()


@pytest.fixture
def tokens_alone(tmp_path: Path) -> Path:
    """A directory of themes in which `dusk` is a theme.toml and nothing else."""
    (tmp_path / "base").symlink_to(ROOT / "base")
    (tmp_path / "dusk").mkdir()
    manifest = 'name = "dusk"\ntitle = "Dusk"\nversion = "1"\nextends = "base"\napi = 1\n'
    (tmp_path / "dusk/theme.toml").write_text(manifest)
    return tmp_path


def test_a_theme_without_css_of_its_own_wears_its_parents(tokens_alone: Path, tenant: MakeTenant) -> None:
    assets = Assets.load(ROOT / "base/static/dist")
    themes = Themes(ThemeCatalogue.load(tokens_alone), assets)
    html = themes.error_page(tenant(theme="dusk"), 404, "Gone", "")
    assert assets.url("base.css") in html
    assert 'data-theme="dusk"' in html
    assert themes.flaws() == []


def test_a_flaw_names_its_theme(tokens_alone: Path) -> None:
    (tokens_alone / "dusk/templates").mkdir()
    (tokens_alone / "dusk/templates/home.html").write_text("{% if %}")
    [flaw] = Themes(ThemeCatalogue.load(tokens_alone), Assets.load(ROOT / "base/static/dist")).flaws()
    assert flaw.startswith("dusk: dusk/templates/home.html: line 1:")


def test_text_is_escaped(themes: Themes, tenant: MakeTenant) -> None:
    html = themes.error_page(tenant(name='<script>alert(1)</script>"'), 404, "<b>", "a & b")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;" in html
    assert "a &amp; b" in html


@pytest.mark.parametrize("theme", ["base", "plain", "nocturne", "hanabi", "folio", "went-away"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500, 503])
def test_an_error_page_says_what_is_wrong_in_the_tenants_theme(
    themes: Themes, tenant: MakeTenant, theme: str, status: int
) -> None:
    html = themes.error_page(tenant(theme), status, "What happened", "")
    assert "What happened" in html
    assert "Kino" in html
    assert f"/assets/{theme if theme != 'went-away' else 'base'}-" in html
    assert str(status) in html


def test_pages_carry_no_inline_script_or_style(themes: Themes, tenant: MakeTenant) -> None:
    context: dict[str, object] = {"section": "home", "featured": None, "continuing": [], "rows": []}
    html = themes.render(tenant("nocturne"), "home.html", context)
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert "http://" not in html
    assert "https://" not in html


def test_a_brand_is_in_its_own_stylesheet_alone(themes: Themes, tenant: MakeTenant) -> None:
    site = tenant(accent="#ffe600")
    html = themes.error_page(site, 404, "Not found", "")
    sheet = themes.brand_stylesheet(site)
    assert f"/assets/{sheet.name}" in html
    assert "--accent:#ffe600;" in sheet.body
    assert "--on-accent:#0b0b0d;" in sheet.body


def test_an_unreadable_brand_colour_falls_back_to_the_themes(themes: Themes, tenant: MakeTenant) -> None:
    odd = tenant(colours=Colours(accent="red;}</style>", accent2="nope"), radius="7", hero="cube")
    assert themes.brand_stylesheet(odd) == themes.brand_stylesheet(tenant())


def test_a_right_to_left_locale_turns_the_page(themes: Themes, tenant: MakeTenant) -> None:
    assert '<html lang="ar-EG" dir="rtl"' in themes.error_page(tenant(locale="ar-EG"), 404, "x", "")
    assert '<html lang="en" dir="ltr"' in themes.error_page(tenant(), 404, "x", "")


def test_a_site_without_a_name_goes_by_its_domain(themes: Themes, tenant: MakeTenant) -> None:
    assert themes.site(tenant(name="  "))["name"] == "kino.example"


def test_a_suspended_site_says_so_without_a_menu(themes: Themes, tenant: MakeTenant) -> None:
    html = themes.render(tenant("hanabi"), "notice.html", {"notice": "Back on <Monday>."})
    assert "Back on &lt;Monday&gt;." in html
    assert "/browse" not in html


def test_compiled_templates_are_kept_for_the_next_process(tmp_path: Path, tenant: MakeTenant) -> None:
    Themes.installed(bytecode_directory=tmp_path / "cache").error_page(tenant(), 404, "x", "")
    kept = list((tmp_path / "cache").iterdir())
    assert kept
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
