"""An MTProto 2.0 server on loopback that an unmodified kurigram client signs in to, downloads from and uploads to."""

from .content import content
from .counters import Counters
from .faults import Faults
from .model import DocumentInfo, SandboxOptions
from .server import TelegramSandbox

__all__ = ["Counters", "DocumentInfo", "Faults", "SandboxOptions", "TelegramSandbox", "content"]
