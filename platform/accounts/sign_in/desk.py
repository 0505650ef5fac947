"""The ways in which one tenant's site signs people in, each by the tenant's own bot."""

from typing import Final, final

from msgspec import Struct

from accounts.errors import SignInNotOffered, SignInRefused
from accounts.sign_in.arriving import Arrivals, Arrived, Here
from accounts.sign_in.attempts import NOT_YOURS, Attempt, Attempts
from accounts.sign_in.id_tokens import verify_id_token
from accounts.sign_in.identity import LONGEST_DATA
from accounts.sign_in.mini_app import verify_by_signature, verify_by_token
from accounts.sign_in.provider import Client, Provider
from accounts.sign_in.widget import verify_widget
from storage.moments import Clock
from tenancy.resolver import ResolvedTenant
from tenancy.tenants import TenantStore

NOT_OFFERED: Final = "This site does not offer this way of signing in."
_LONGEST_CODE: Final = 2048
_LONGEST_STATE: Final = 128


class Ways(Struct, frozen=True):
    """What a site offers. `widget` is the user name of the bot that the widget is for."""

    oidc: bool
    widget: str | None
    mini_app: bool

    @property
    def any(self) -> bool:
        """Whether there is one at all."""
        return self.oidc or self.widget is not None or self.mini_app


@final
class SignInDesk:
    """Signing in with Telegram on every site.

    Verbs raise SignInNotOffered, SignInRefused, SignInUnavailable, ViewerBanned and StorageUnavailable.
    `public_key` is Telegram's Ed25519 key for Mini Apps.
    """

    def __init__(
        self,
        tenants: TenantStore,
        attempts: Attempts,
        arrivals: Arrivals,
        provider: Provider,
        public_key: bytes,
        clock: Clock,
        *,
        widget_script: str,
    ) -> None:
        self.issuer: Final = provider.issuer
        self.widget_script: Final = widget_script
        self._tenants = tenants
        self._attempts = attempts
        self.arrivals: Final = arrivals
        self._provider = provider
        self._public_key = public_key
        self._clock = clock

    async def ways(self, tenant: ResolvedTenant) -> Ways:
        """What the site offers now."""
        login, secrets = tenant.tenant.login, await self._tenants.login_secrets(tenant.id)
        return Ways(
            oidc=login.client_id is not None and secrets.client_secret is not None,
            widget=login.bot_username if secrets.bot_token else None,
            mini_app=secrets.bot_token is not None or login.bot_id is not None,
        )

    async def begin_oidc(
        self, tenant: ResolvedTenant, browser: str, redirect_uri: str, *, return_to: str, referral_code: str | None
    ) -> str:
        """Where the browser, which holds the secret `browser`, is to go."""
        client = await self._client(tenant)
        state, attempt = await self._attempts.begin(
            tenant.scope, browser, return_to=return_to, referral_code=referral_code
        )
        return await self._provider.authorize_url(
            client.id, redirect_uri, state=state, nonce=attempt.nonce, verifier=attempt.verifier
        )

    async def begin_widget(
        self, tenant: ResolvedTenant, browser: str, *, return_to: str, referral_code: str | None
    ) -> str:
        """The state that the widget's answer has to come back with."""
        if (await self.ways(tenant)).widget is None:
            raise SignInNotOffered(NOT_OFFERED)
        state, _ = await self._attempts.begin(tenant.scope, browser, return_to=return_to, referral_code=referral_code)
        return state

    async def by_code(
        self, tenant: ResolvedTenant, redirect_uri: str, here: Here, *, state: str, code: str, browser: str | None
    ) -> tuple[Arrived, Attempt]:
        """Finishes what `begin_oidc` began."""
        client = await self._client(tenant)
        attempt = await self._attempt(tenant, state, browser)
        if not 0 < len(code) <= _LONGEST_CODE or not code.isprintable():
            raise SignInRefused(NOT_YOURS)
        token = await self._provider.id_token(client, redirect_uri, code=code, verifier=attempt.verifier)
        identity = await verify_id_token(
            token, provider=self._provider, client_id=client.id, nonce=attempt.nonce, now=self._clock()
        )
        arrived = await self.arrivals.by_telegram(tenant.scope, identity, here, referral_code=attempt.referral_code)
        return arrived, attempt

    async def by_widget(
        self, tenant: ResolvedTenant, here: Here, *, state: str, data: str, browser: str | None
    ) -> tuple[Arrived, Attempt]:
        """Finishes what `begin_widget` began; `data` is the query string of the widget's fields alone."""
        secrets = await self._tenants.login_secrets(tenant.id)
        if secrets.bot_token is None:
            raise SignInNotOffered(NOT_OFFERED)
        attempt = await self._attempt(tenant, state, browser)
        identity = verify_widget(data, bot_token=secrets.bot_token, now=self._clock())
        arrived = await self.arrivals.by_telegram(tenant.scope, identity, here, referral_code=attempt.referral_code)
        return arrived, attempt

    async def by_mini_app(self, tenant: ResolvedTenant, here: Here, *, data: str, referral_code: str | None) -> Arrived:
        """Signs in by a Mini App's `initData`, by the bot's token or, without one, by Telegram's own signature."""
        if len(data) > LONGEST_DATA:
            raise SignInRefused(NOT_YOURS)
        secrets, bot_id = await self._tenants.login_secrets(tenant.id), tenant.tenant.login.bot_id
        if secrets.bot_token is not None:
            identity = verify_by_token(data, bot_token=secrets.bot_token, now=self._clock())
        elif bot_id is not None:
            identity = verify_by_signature(data, bot_id=bot_id, public_key=self._public_key, now=self._clock())
        else:
            raise SignInNotOffered(NOT_OFFERED)
        return await self.arrivals.by_telegram(tenant.scope, identity, here, referral_code=referral_code)

    async def _attempt(self, tenant: ResolvedTenant, state: str, browser: str | None) -> Attempt:
        if not 0 < len(state) <= _LONGEST_STATE:
            raise SignInRefused(NOT_YOURS)
        return await self._attempts.take(tenant.scope, state, browser)

    async def _client(self, tenant: ResolvedTenant) -> Client:
        client_id, secrets = tenant.tenant.login.client_id, await self._tenants.login_secrets(tenant.id)
        if client_id is None or secrets.client_secret is None:
            raise SignInNotOffered(NOT_OFFERED)
        return Client(client_id, secrets.client_secret)
