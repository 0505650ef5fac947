"""The fixture itself: two composed sites answer under their own names."""

from tests.storefront.conftest import TwoSites


async def test_two_composed_sites_answer_under_their_own_names(two_sites: TwoSites) -> None:
    for site in (two_sites.north, two_sites.south):
        async with two_sites.platform.client(site.host) as client:
            assert (await client.get("/api/v1/titles")).json() == {"titles": [], "next": None}
