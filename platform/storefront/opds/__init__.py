"""OPDS 1.2 with page streaming: the site's comics and books in common reader apps.

https://specs.opds.io/opds-1.2, https://anansi-project.github.io/docs/opds-pse/specs/v1.2
"""
