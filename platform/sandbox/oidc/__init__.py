"""A stand-in for oauth.telegram.org at the wire: OpenID with PKCE, and a knob for each thing that can go wrong."""
