"""What this room keeps of a tenant."""

from accounts.recovery import RecoveryRepository
from accounts.referrals.repository import RewardRepository, SignUpRepository
from accounts.repository import ViewerRepository
from accounts.session_repository import SessionRepository
from accounts.sign_in.attempts import AttemptRepository
from accounts.staff_repository import StaffRepository
from storage.documents import MARQUEE
from storage.mongo import Database
from tenancy.data import CollectionData, PassingData, TenantData


def accounts_data(database: Database) -> list[TenantData]:
    """Viewers and staff, and who invited whom; sessions, codes and attempts are hashes of secrets."""
    return [
        CollectionData(database, ViewerRepository, without={MARQUEE}),
        CollectionData(database, StaffRepository, without={"secret_hash"}),
        CollectionData(database, SignUpRepository),
        CollectionData(database, RewardRepository),
        *(PassingData(database, kind) for kind in (SessionRepository, RecoveryRepository, AttemptRepository)),
    ]
