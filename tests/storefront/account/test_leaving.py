"""The file to take along, and the way out, over HTTP."""

from __future__ import annotations

import io
import json
import zipfile

from accounts.viewers import FORGET_AGAIN, FORGET_AGAIN_SECONDS
from storage.mongo import collection_of
from tests.storefront.account.conftest import Signing, bearing, token_of
from tests.storefront.api.test_following import work
from tests.support.platform import ACTOR


async def test_everything_can_be_taken_along(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    token = await token_of(browser, "Reader")
    whole = await browser.ask("GET", "/api/v1/me/export")
    assert whole.headers["content-disposition"] == 'attachment; filename="north.example-account.json"'
    (user,) = whole.json()["user"]
    assert (user["_id"], user["type"], user["profile"]["name"]) == (ada.id, "telegram", ada.name)
    assert {each["device"] for each in whole.json()["devices"]} == {"Firefox", "Reader"}
    assert token not in whole.text
    assert browser.session not in whole.text
    archive = await browser.ask("GET", "/account/export")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as file:
        assert set(file.namelist()) == {f"{name}.jsonl" for name in whole.json()}
        assert json.loads(file.read("user.jsonl"))["_id"] == ada.id
    assert (await browser.ask("GET", "/api/v1/me/export?format=pdf")).status_code == 400


async def test_a_deleted_account_leaves_nothing_and_nobodys_name_in_the_audit(signing: Signing) -> None:
    browser, other, ada = signing.browser(), signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    await signing.sign_in(other, ada)
    token = await token_of(browser)
    stores, scope = signing.platform.stores, signing.north.scope
    await stores.viewers.ban(scope, ada.id, "a reason that names Ada", actor=ACTOR)
    await stores.viewers.unban(scope, ada.id, actor=ACTOR)
    for query in ("", "?confirm=", "?confirm=yes"):
        assert (await browser.ask("DELETE", f"/api/v1/me{query}")).status_code == 400
    gone = await browser.ask("DELETE", "/api/v1/me?confirm=delete")
    assert gone.status_code == 204
    assert "__Host-session" not in browser.cookies
    assert await other.me() is None
    assert (await other.ask("GET", "/api/v1/me", headers=bearing(token))).json() == {"viewer": None}
    signing.clock.advance(FORGET_AGAIN_SECONDS + 1)
    assert await work(signing.platform, FORGET_AGAIN) >= 1
    for name in ("users", "sessions", "recovery_codes", "audit", "sign_ins", "jobs"):
        left = [each async for each in collection_of(stores.database, name).find({"_id.owner": scope.owner})]
        assert str(ada.id) not in str(left), name
        assert "names Ada" not in str(left), name
    back = await signing.sign_in(browser, ada)
    assert back.status_code == 303, "whoever left may come again, as somebody new"
