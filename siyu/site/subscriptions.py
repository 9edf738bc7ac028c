"""Who hears what: the one readable list of stages, duties and hooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.broadcasts import actions as broadcasts
from siyu.commerce import actions as commerce
from siyu.commerce.by_owner import count_orders_by_owner
from siyu.commerce.lake_tables import TABLES as COMMERCE_TABLES
from siyu.core import retention
from siyu.core.access import Actor
from siyu.core.duties import Duty
from siyu.core.idempotency import forget_answers
from siyu.core.intake import worker as intake
from siyu.core.intake.answering import set_answerer
from siyu.core.scope import set_scope_reader
from siyu.fans import actions as fans
from siyu.fans import follow_codes
from siyu.files import actions as files
from siyu.files import exporting
from siyu.groups import actions as groups
from siyu.groups import codes as group_codes
from siyu.groups import invitations as group_invitations
from siyu.groups import queries as group_queries
from siyu.groups.lake_tables import TABLES as GROUP_TABLES
from siyu.growth import actions as growth
from siyu.growth import chores as growth_chores
from siyu.growth import duty as growth_duty
from siyu.growth import links as growth_links
from siyu.growth import queries as growth_queries
from siyu.growth import welcomes as growth_welcomes
from siyu.guides import actions as guide_actions
from siyu.guides import fetching, renaming
from siyu.guides import jobs as guides
from siyu.guides import sources as pull_sources
from siyu.guides.figures import set_order_counter
from siyu.guides.scoping import staff_in_scope
from siyu.journeys import actions as journeys
from siyu.lake import actions as lake
from siyu.lake import mirror
from siyu.lake import queries as lake_queries
from siyu.lake.engines import SPARK, engine_name
from siyu.materials import jobs as materials
from siyu.moments import actions as moments
from siyu.payments import cards, checking, paying, rewards
from siyu.pool import actions as pool
from siyu.pool import belongings, labelling, rebuilding
from siyu.pool import queries as pool_queries
from siyu.pool.lake_tables import TABLES as POOL_TABLES
from siyu.pool.sources import set_source_namer
from siyu.pool.tag_names import on_name
from siyu.pool.tag_words import set_ear
from siyu.ports.facts import Fact
from siyu.reach import actions as reach
from siyu.reach.gates import register_gate
from siyu.reach.lake_tables import TABLES as REACH_TABLES
from siyu.segments import actions as segments
from siyu.segments import lists as segment_lists
from siyu.segments import queries as segment_queries
from siyu.segments.custom import load_custom_fields
from siyu.segments.fields import set_custom_fields, set_group_names
from siyu.segments.lake_tables import TABLES as SEGMENT_TABLES
from siyu.site import neighbourhood, staff_columns
from siyu.site.code_pull import CodePull
from siyu.tag_rules import actions as tag_rules
from siyu.tag_rules import queries as tag_rule_queries
from siyu.talk import actions as talk
from siyu.talk import answering, desk_hearing, desk_pulling, desks
from siyu.writeback import actions as writeback
from siyu.writeback import jobs as writeback_jobs
from siyu.writeback.catalogue import TagCatalogue

STAGES = (
    renaming.follow_renames,
    pool.resolve,
    commerce.record_orders,
    talk.record_messages,
    reach.hear,
    desk_hearing.hear_desks,
    answering.answer_by_ledger,
    groups.hear,
    growth.hear,
    fans.hear,
    guide_actions.hear,
    writeback.hear,
    cards.hear_cards,
    paying.hear_payouts,
    pool.advance_stages,
    journeys.hear,
    lake.buffer,
    segments.hear,
)
"""What a batch of facts goes through, in order, in one transaction."""

DUTIES = (
    Duty("intake", 0.04, intake.drain, rest=0.01, is_watchful=True),
    Duty("reach.dispatch", 0.2, reach.dispatch, rest=0.03),
    Duty("journeys.tick", 0.3, journeys.tick, rest=0.05),
    Duty("segments.live", 0.5, segments.live, rest=0.8),
    Duty("segments.clock", 60, segments.clock),
    Duty("segments.columns", 60, segments.keep_columns, first=60),
    Duty("pool.fields", 2, pool.work_on_fields),
    Duty("pool.tags", 2, pool.work_on_tags),
    Duty("tag_rules.sync", 2, tag_rules.work_on_rules),
    Duty("guides.fetch", 0.3, guides.fetch_new_friends, rest=0.03),
    Duty("guides.sync", 5, guides.sync_accounts),
    Duty("guides.transfer", 5, guides.move_customers),
    Duty("guides.losses", 5, guides.tell_losses),
    Duty("guides.behaviour", 60, guides.pull_behaviour, first=20),
    Duty("guides.figures", 30, guides.count_figures),
    Duty("writeback", 2, writeback_jobs.write_back, rest=0.1),
    Duty("talk.desks", 3, desk_pulling.work_on_desks, rest=0.05),
    Duty("groups.read", 2, groups.read_groups, rest=0.1, is_watchful=True),
    Duty("groups.codes", 20, group_codes.tend_codes),
    Duty("groups.count", 300, groups.count_groups, first=60),
    Duty("growth.duty", 2, growth_duty.keep_on_duty, rest=0.2),
    Duty("growth.welcomes", 1, growth_welcomes.greet_waiting),
    Duty("growth.chores", 2, growth_chores.do_chores),
    Duty("growth.links", 30, growth_links.read_links, first=5),
    Duty("materials.renew", 5, materials.renew),
    Duty("reach.poll", 2, reach.poll),
    Duty("reach.foreign", 30, reach.pull_foreign, first=10),
    Duty("broadcasts.work", 1, broadcasts.work, rest=0.02),
    Duty("moments.work", 2, moments.work, rest=0.02),
    Duty("reach.reconcile", 5, reach.reconcile),
    Duty("payments.pay", 5, paying.pay_rewards),
    Duty("payments.cards", 5, checking.work_on_cards),
    Duty("payments.bills", 60, checking.check_bills, first=20),
    Duty("lake.flush", 2, lake.flush),
    Duty("lake.compact", 60, lake.compact, first=30),
    Duty("lake.publish", 60, lake.publish, first=120),
    Duty("core.retention", 60, retention.trim, first=30),
    Duty("files.import", 2, files.work),
    Duty("files.export", 2, exporting.work),
    Duty("fans.orders", 2, fans.fetch_orders, rest=0.1),
    Duty("fans.compare", 300, fans.compare_orders, first=30),
    Duty("pool.rebuild", 2, rebuilding.run_next),
)
"""What the worker does, each on its own thread: name, seconds between idle turns, work."""

WAKES = ("journeys.tick", "reach.dispatch", "guides.fetch", "segments.live")
"""Duties that look at once when a batch has gone through."""

BELONGINGS = (
    "pool_relation",
    "pool_customertag",
    "pool_trait",
    "pool_observation",
    "pool_consent",
    "pool_stageentry",
    "pool_ownership",
    "pool_ownershipchange",
    "commerce_order",
    "talk_conversation",
    "talk_desksession",
    "reach_touch",
    "reach_window",
    "reach_permit",
    "journeys_entry",
    "growth_codeadd",
    "guides_loss",
    "guides_transferitem",
    "talk_scriptsend",
    "payments_reward",
    "payments_cardorder",
    "groups_stay",
    "groups_invitee",
    "segments_listmember",
    "writeback_remark",
    "fans_codefollow",
)
"""Tables whose rows follow their identity when customers are merged or split."""

MIRRORS: tuple[mirror.MirrorTable | Mapping[str, Any], ...] = (
    *POOL_TABLES,
    *COMMERCE_TABLES,
    *REACH_TABLES,
    *SEGMENT_TABLES,
    *GROUP_TABLES,
)


def subscribe() -> None:
    """Connect the slices; called once when a process starts."""
    staff_columns.connect()
    intake.configure(STAGES, wakes=WAKES)
    files.configure(STAGES)
    for table in BELONGINGS:
        belongings.register(table)
    for moved in (
        commerce.on_customers_moved,
        journeys.on_customers_moved,
        lake.on_customers_moved,
        segments.on_customers_moved,
        tag_rules.on_customers_moved,
    ):
        belongings.on_move(moved)
    belongings.on_erase(lake.erase)
    belongings.on_erase(commerce.forget_identities)
    belongings.on_erase(reach.forget_identities)
    belongings.on_erase(rewards.forget_identities)
    belongings.on_erase(journeys.forget_identities)
    belongings.on_erase(talk.forget_identities)
    belongings.on_erase(desks.forget_identities)
    belongings.on_erase(groups.forget_identities)
    belongings.on_erase(group_invitations.forget_identities)
    belongings.on_erase(guide_actions.forget_identities)
    belongings.on_erase(segment_lists.forget_identities)
    belongings.on_erase(fans.forget_identities)
    belongings.on_erase(writeback.forget_identities)
    belongings.on_erase(forget_answers)
    belongings.on_change(_mark_changed)
    belongings.on_change(writeback.mark_changed)
    belongings.on_bulk(segments.look_at_everybody)
    belongings.on_move(writeback.on_customers_moved)
    set_ear(writeback.hear_tag_lists)
    on_name(writeback.hear_name)
    pull_sources.register(TagCatalogue())
    pull_sources.register(CodePull())
    set_answerer(answering.QuickAnswers())
    for mirrored in MIRRORS:
        mirror.register(mirrored)
    register_gate("journey:", journeys.gate)
    register_gate("journey", growth_welcomes.gate)
    register_gate("broadcast:", broadcasts.gate)
    set_source_namer(_name_source)
    neighbourhood.connect()
    segments.on_change(tag_rules.hear)
    segments.on_change(journeys.hear_membership)
    pool.set_tag_users(tag_rule_queries.users_of_tag)
    pool.set_field_users(tag_rule_queries.users_of_field)
    set_custom_fields(load_custom_fields)
    set_group_names(group_queries.group_names)
    set_scope_reader(staff_in_scope)
    set_order_counter(count_orders_by_owner)
    fetching.set_awaited(growth_welcomes.names_awaited)
    pool_queries.set_segment_members(segment_queries.member_ids)
    lake_queries.set_identity_lookup(_identity_ids)
    labelling.set_labeller(choose_labeller)


def _name_source(fact: Fact) -> str:
    """The channel of the code somebody came through, whichever kind of code it was."""
    return follow_codes.channel_of(fact) or growth_queries.channel_of(fact) or fact.source


def _identity_ids(actor: Actor, customer_id: int) -> list[int]:
    return [row.id for row in pool_queries.get_customer(actor, customer_id).identities]


def choose_labeller() -> labelling.Labeller:
    """Spark finds the components of a rebuild when it is the engine, else this process."""
    if engine_name() == SPARK:
        from siyu.lake.spark.components import label_components

        return label_components
    return labelling.label_here


def _mark_changed(customer_ids: set[int], _now: datetime) -> None:
    segments.touch(customer_ids)
