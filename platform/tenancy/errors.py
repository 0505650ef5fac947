"""What tenancy tells its callers."""


class TenancyError(Exception):
    """Whatever tenancy could not do."""


class BadHost(TenancyError):
    """The request does not name one host in one proper spelling; its answer is 400."""


class BadDomain(TenancyError):
    """A domain that no browser could ask for."""


class BadTenant(TenancyError):
    """A tenant's document or setting that cannot be taken; the message names the setting."""


class TenantExists(TenancyError):
    """The id is another tenant's."""


class DomainTaken(TenancyError):
    """One of the domains belongs to another tenant."""


class NoSuchTenant(TenancyError):
    """No tenant has this id."""


class NoSuchHold(TenancyError):
    """The tenant is not held for this reason."""
