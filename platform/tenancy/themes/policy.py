"""The content security policies of the pages.

Scripts and styles come from the site's own files, so pages need neither 'unsafe-inline' nor nonces. The watch page is
the exception for styles: the player's elements carry `<style>` in their shadow roots, and there is no way to give them
a nonce.
"""

from typing import Final

_SHARED: Final = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
)

CONTENT_SECURITY_POLICY: Final = _SHARED + "style-src 'self'"
WATCH_SECURITY_POLICY: Final = _SHARED + "style-src 'self' 'unsafe-inline'"
