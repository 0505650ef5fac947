"""Everything that is a viewer's, as one file to take along."""

from __future__ import annotations

import io
import zipfile
from typing import Final, Literal

from accounts.belongings import BelongingsRegistry
from accounts.model import ViewerId
from storage.extended_json import encode
from storage.scope import TenantScope

Form = Literal["json", "zip"]
MIMES: Final[dict[Form, str]] = {"json": "application/json", "zip": "application/zip"}
EXPORTS_PER_HOUR: Final = 10


async def take_out(belongings: BelongingsRegistry, scope: TenantScope, viewer_id: ViewerId, form: Form) -> bytes:
    """Every kind with all of its documents in Extended JSON: one object of lists, or an archive of one file a kind."""
    kinds = {
        name: [encode(document) async for document in belongings.export(name, scope, viewer_id)]
        for name in belongings.names
    }
    if form == "json":
        return ("{" + ",".join(f'"{name}":[{",".join(lines)}]' for name, lines in kinds.items()) + "}").encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, lines in kinds.items():
            file.writestr(f"{name}.jsonl", "".join(f"{line}\n" for line in lines))
    return archive.getvalue()
