"""Every column that names a member of staff, so that one who gets another id stays who he is.

What happened in the history keeps the id of its day.
"""

from __future__ import annotations

from siyu.core.staff_ids import StaffColumn, on_rename, register
from siyu.guides.renaming import absorb_days, join_staff
from siyu.pool.renaming import absorb_relation, refresh_customers
from siyu.pool.tag_states import PLATFORM

COLUMNS = (
    StaffColumn("core.User", "staff_id", "staff_account"),
    StaffColumn("core.User", "staff_id", "", only={"staff_account": ""}),
    StaffColumn("pool.Relation", absorb=absorb_relation),
    StaffColumn("pool.RelationChange"),
    StaffColumn("pool.AbsentStaff"),
    StaffColumn("pool.Ownership"),
    StaffColumn("pool.OwnershipChange"),
    StaffColumn("pool.OwnershipChange", "from_staff", "from_account"),
    StaffColumn("pool.CustomerTag", "source", "", is_path=True, only={"origin": PLATFORM}),
    StaffColumn("guides.Known"),
    StaffColumn("guides.DayCount", absorb=absorb_days),
    StaffColumn("guides.StaffFigures"),
    StaffColumn("guides.BehaviourDay"),
    StaffColumn("guides.BehaviourPull"),
    StaffColumn("guides.Loss"),
    StaffColumn("guides.Transfer", "giver"),
    StaffColumn("guides.Transfer", "taker"),
    StaffColumn("growth.LiveCode", "staff", is_json=True),
    StaffColumn("growth.LiveCode", "plan", is_json=True),
    StaffColumn("growth.LiveCode", "told", is_json=True),
    StaffColumn("growth.ForeignCode", is_json=True),
    StaffColumn("growth.CodeAdd", account="code__account"),
    StaffColumn("growth.Away"),
    StaffColumn("growth.Chore"),
    StaffColumn("growth.WelcomeRule", "target", only={"scope": "staff"}),
    StaffColumn("reach.Touch", "sender"),
    StaffColumn("reach.Attempt", "sender"),
    StaffColumn("reach.Wave", "sender"),
    StaffColumn("broadcasts.Broadcast", is_json=True),
    StaffColumn("moments.Moment", is_json=True),
    StaffColumn("moments.Poster", account="moment__account"),
    StaffColumn("groups.Group", "owner"),
    StaffColumn("groups.Group", "admins", is_json=True),
    StaffColumn("groups.Stay", "remote_id", "group__account", only={"is_staff": True}),
    StaffColumn("groups.Stay", "invitor", "group__account"),
    StaffColumn("groups.OwnerDay", "owner"),
    StaffColumn("groups.Welcome", "owners", is_json=True),
    StaffColumn("groups.Invitee", account="invitation__code__account"),
    StaffColumn("talk.Desk", "servicers", is_json=True),
    StaffColumn("talk.DeskSession"),
    StaffColumn("payments.CardGuide", "userid", ""),
    StaffColumn("writeback.RelationTag"),
    StaffColumn("writeback.Remark"),
)


def connect() -> None:
    """Register them all; called once when a process starts."""
    for column in COLUMNS:
        register(column)
    on_rename(join_staff)
    on_rename(refresh_customers)
