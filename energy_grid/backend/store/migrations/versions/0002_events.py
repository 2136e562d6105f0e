"""A table for each event of each contract; readings and closed days spelled out.

A line has a table and its columns, a continued one begins with spaces. Those with a star grow with
time: PostgreSQL has a partition for each month of them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from energy_grid.backend.store.metadata import Wide

revision = "0002"
down_revision = "0001"

_TABLES = """
access_manager_operation_canceled operation_id:word nonce:integer
access_manager_operation_executed operation_id:word nonce:integer
access_manager_operation_scheduled operation_id:word nonce:integer schedule:integer
    caller:address target:address data:text
access_manager_role_admin_changed role_id:wide admin:wide
access_manager_role_grant_delay_changed role_id:wide delay:integer since:integer
access_manager_role_granted role_id:wide account:address delay:integer since:integer
    new_member:bool
access_manager_role_guardian_changed role_id:wide guardian:wide
access_manager_role_label role_id:wide label:text
access_manager_role_revoked role_id:wide account:address
access_manager_target_admin_delay_updated target:address delay:integer since:integer
access_manager_target_closed target:address closed:bool
access_manager_target_function_role_updated target:address selector:selector role_id:wide
asset_shares_approval address:address owner:address spender:address value:wide
asset_shares_buyout_accepted address:address id:wide account:address shares:wide accepted:wide
asset_shares_buyout_concluded address:address id:wide sold:bool
asset_shares_buyout_offered address:address id:wide bidder:address price_per_share:wide
    ends_at:wide
asset_shares_buyout_retracted address:address id:wide account:address shares:wide accepted:wide
asset_shares_eip712_domain_changed address:address
asset_shares_initialized address:address version:wide
asset_shares_redeemed address:address holder:address
asset_shares_refund_withdrawn address:address bidder:address amount:wide
asset_shares_revenue_claimed address:address account:address amount:wide
asset_shares_revenue_received address:address amount:wide total:wide
asset_shares_steward_set address:address steward:address by:address
asset_shares_transfer address:address from:address to:address value:wide
balancing_coordination_balancing_action_closed id:wide region:word status:integer
balancing_coordination_balancing_action_opened id:wide region:word operator:address
    action_type:integer target:wide priority:integer automated:bool
balancing_coordination_region_capacity_set region:word operator:address max_generation:wide
    current_generation:wide reserve:wide
carbon_credits_approval owner:address spender:address value:wide
carbon_credits_authority_updated authority:address
carbon_credits_carbon_credits_issued producer:address days:wide energy:wide grams:wide
carbon_credits_carbon_credits_retired id:wide account:address beneficiary:address amount:wide
    reason:text
carbon_credits_clean_producer_deregistered producer:address until_day:wide
carbon_credits_clean_producer_registered producer:address from_day:wide
carbon_credits_eip712_domain_changed
carbon_credits_emission_factor_set from_day:wide grams_per_kwh:wide
carbon_credits_production_meters_set producer:address numbers:list
carbon_credits_transfer from:address to:address value:wide
communities_coefficient_offered id:wide account:address bps:wide
communities_coefficient_set id:wide account:address bps:wide day:wide
communities_community_created id:wide region:word manager:address theta:wide
communities_eip712_domain_changed
communities_gateway_created id:wide gateway:address is_static:bool
communities_gateway_named id:wide gateway:address day:wide
communities_joined id:wide account:address day:wide
communities_left id:wide account:address day:wide by:address
communities_manager_changed id:wide manager:address
communities_readmitted id:wide account:address
communities_theta_set id:wide theta:wide day:wide
community_days_authority_updated authority:address
community_days_day_anchored community:wide day:wide root:word gateway:address
*community_days_day_settled community:wide day:wide words:list
community_days_handed_over number:wide day:wide imported:wide exported:wide
community_days_history_proven number:wide day:wide from_slot:wide to_slot:wide
community_days_leaf_contradicted community:wide day:wide number:wide slot:wide
community_days_leaf_read number:wide day:wide to_slot:wide
community_days_member_passed_over community:wide day:wide number:wide reason:integer
demand_response_authority_updated authority:address
demand_response_budget_refunded event_id:wide grid_operator:address to:address amount:wide
demand_response_consumer_registered consumer:address by:address
demand_response_event_cancelled event_id:wide
demand_response_event_completed event_id:wide total_reduction_w:wide rewards:wide
demand_response_event_started event_id:wide program_id:wide grid_operator:address region:word
    target_reduction_kw:wide reward_per_kw:wide start_time:wide end_time:wide budget:wide
demand_response_grid_operator_registered grid_operator:address
demand_response_program_closed program_id:wide refunded:wide
demand_response_program_created program_id:wide region:word operator:address name:text
    program_type:integer target_reduction_kw:wide incentive_rate:wide end_time:wide budget:wide
demand_response_program_joined program_id:wide participant:address committed:wide
demand_response_program_left program_id:wide participant:address
demand_response_program_reward_paid program_id:wide participant:address to:address amount:wide
demand_response_reduction_reported program_id:wide participant:address reduction:wide
    reward:wide
demand_response_reduction_verified event_id:wide consumer:address participation_id:wide
    baseline_w:wide actual_w:wide reduction_w:wide metered:bool
demand_response_reward_deferred event_id:wide consumer:address amount:wide
demand_response_reward_paid event_id:wide consumer:address to:address amount:wide
demand_response_stop_level_changed level:integer by:address
erc2771_forwarder_eip712_domain_changed
erc2771_forwarder_executed_forward_request signer:address nonce:wide success:bool
energy_accounts_authority_updated authority:address
energy_accounts_deemed_charged number:wide day:wide money:wide
energy_accounts_deemed_returned number:wide money:wide
energy_accounts_prolonged from_slot:wide to_slot:wide extra:wide
energy_accounts_read_late number:wide from_slot:wide to_slot:wide net:wide money:wide
energy_asset_nft_approval owner:address approved:address token_id:wide
energy_asset_nft_approval_for_all owner:address operator:address approved:bool
energy_asset_nft_asset_minted asset:wide to:address kind:integer capacity:wide
energy_asset_nft_authority_updated authority:address
energy_asset_nft_batch_metadata_update from_token_id:wide to_token_id:wide
energy_asset_nft_fractionalized asset:wide shares:address owner:address amount:wide
energy_asset_nft_maintenance_recorded asset:wide index:wide author:address document_hash:word
    note:text
energy_asset_nft_metadata_update token_id:wide
energy_asset_nft_meter_linked asset:wide meter_number:wide from_day:wide
energy_asset_nft_meter_unlinked asset:wide meter_number:wide last_day:wide
energy_asset_nft_permission_set asset:wide user:address permission:integer until:wide
energy_asset_nft_service_set asset:wide in_service:bool by:address
energy_asset_nft_stop_level_changed level:integer by:address
energy_asset_nft_transfer from:address to:address token_id:wide
energy_token_approval owner:address spender:address value:wide
energy_token_eip712_domain_changed
energy_token_transfer from:address to:address value:wide
energy_trading_authority_updated authority:address
energy_trading_batch_settled order_set:word batch_id:wide period:integer start:wide price:wide
    amount:wide matched:wide
energy_trading_eip712_domain_changed
energy_trading_match_skipped buy_id:wide sell_id:wide reason:selector
energy_trading_order_cancelled order_id:wide by:address remaining:wide
energy_trading_order_created order_id:wide trader:address order_type:integer amount:wide
    price:wide expiry:wide period:integer start:wide
energy_trading_order_skipped order_id:wide reason:integer
energy_trading_orders_matched transaction_id:wide buy_id:wide sell_id:wide amount:wide
    price:wide
energy_trading_signed_order_cancelled trader:address nonce:wide
energy_trading_signed_orders_cancelled_below trader:address nonce:wide
energy_trading_stop_level_changed level:integer by:address
energy_trading_transaction_settled transaction_id:wide
governance_token_approval owner:address spender:address value:wide
governance_token_authority_updated authority:address
governance_token_delegate_changed delegator:address from_delegate:address to_delegate:address
governance_token_delegate_votes_changed delegate:address previous_votes:wide new_votes:wide
governance_token_eip712_domain_changed
governance_token_transfer from:address to:address value:wide
grid_governor_eip712_domain_changed
grid_governor_proposal_canceled proposal_id:wide
grid_governor_proposal_created proposal_id:wide proposer:address targets:list values:list
    signatures:list calldatas:list vote_start:wide vote_end:wide description:text
grid_governor_proposal_executed proposal_id:wide
grid_governor_proposal_queued proposal_id:wide eta_seconds:wide
grid_governor_proposal_threshold_set old_proposal_threshold:wide new_proposal_threshold:wide
grid_governor_quorum_numerator_updated old_quorum_numerator:wide new_quorum_numerator:wide
grid_governor_timelock_change old_timelock:address new_timelock:address
grid_governor_vote_cast voter:address proposal_id:wide support:integer weight:wide reason:text
grid_governor_vote_cast_with_params voter:address proposal_id:wide support:integer weight:wide
    reason:text params:text
grid_governor_voting_delay_set old_voting_delay:wide new_voting_delay:wide
grid_governor_voting_period_set old_voting_period:wide new_voting_period:wide
grid_management_authority_updated authority:address
grid_management_base_price_set region:word price:wide day:wide
grid_management_consumer_registered consumer:address consumption_limit:wide
grid_management_emergency_mode_set until:wide
grid_management_emergency_protocol_set region:word protocol:integer until:wide
grid_management_energy_consumed consumer:address slot:wide amount:wide cost:wide
grid_management_grid_condition_set condition:integer
grid_management_metrics_recorded id:wide production:wide consumption:wide peak_load:wide
    efficiency:wide
grid_management_participant_active_set participant:address is_producer:bool active:bool
grid_management_participant_confirmed participant:address is_producer:bool confirmation:integer
grid_management_producer_registered producer:address capacity:wide energy_type:integer
grid_management_production_reported producer:address slot:wide amount:wide
grid_management_region_emergency_set region:word until:wide
grid_management_reputation_set producer:address reputation:wide
grid_management_storage_charged owner:address slot:wide amount:wide stored:wide
grid_management_storage_discharged owner:address slot:wide amount:wide stored:wide
grid_management_storage_registered owner:address capacity:wide charge_rate:wide
    discharge_rate:wide
grid_operator_verification_authority_updated authority:address
grid_operator_verification_operator_authorization_set operator:address allowed:bool
grid_operator_verification_operator_registered operator:address region:word name:text
    capacity:wide
grid_operator_verification_operator_revoked operator:address region:word
grid_operator_verification_operator_score_set operator:address score:wide
grid_operator_verification_operator_verified operator:address region:word
grid_oracle_authority_updated authority:address
grid_oracle_prices_not_written region:word
*grid_oracle_report_submitted feed:word round:wide reporter:address values:list
grid_oracle_round_abandoned feed:word round:wide
grid_oracle_round_answered feed:word round:wide values:list
grid_oracle_round_held feed:word round:wide values:list
load_monitoring_load_reported region:word operator:address capacity:wide demand:wide
    percentage:wide
load_monitoring_load_status_changed region:word from:integer to:integer percentage:wide
peer_to_peer_trading_authority_updated authority:address
peer_to_peer_trading_energy_offer_accepted offer_id:wide buyer:address amount:wide paid:wide
    remaining:wide
peer_to_peer_trading_energy_offer_cancelled offer_id:wide returned:wide
peer_to_peer_trading_energy_offer_created offer_id:wide seller:address amount:wide price:wide
peer_to_peer_trading_stop_level_changed level:integer by:address
peer_to_peer_trading_trade_cancelled trade_id:wide by:address
peer_to_peer_trading_trade_completed trade_id:wide paid:wide
peer_to_peer_trading_trade_created trade_id:wide seller:address buyer:address amount:wide
    price:wide
price_oracle_authority_updated authority:address
*price_oracle_report_submitted feed:word round:wide reporter:address values:list
price_oracle_round_abandoned feed:word round:wide
price_oracle_round_answered feed:word round:wide values:list
price_oracle_round_held feed:word round:wide values:list
safe_added_owner owner:address
safe_approve_hash approved_hash:word owner:address
safe_changed_fallback_handler handler:address
safe_changed_guard guard:address
safe_changed_module_guard module_guard:address
safe_changed_threshold threshold:wide
safe_disabled_module module:address
safe_enabled_module module:address
safe_execution_failure tx_hash:word payment:wide
safe_execution_from_module_failure module:address
safe_execution_from_module_success module:address
safe_execution_success tx_hash:word payment:wide
safe_removed_owner owner:address
safe_safe_received sender:address value:wide
safe_safe_setup initiator:address owners:list threshold:wide initializer:address
    fallback_handler:address
safe_sign_msg msg_hash:word
settlement_account_opened account:address number:wide
settlement_authority_updated authority:address
settlement_credits_redeemed account:address wh:wide money:wide
*settlement_day_closed account:address day:wide closed:wide flows:wide
settlement_debt_incurred account:address amount:wide debt:wide
settlement_debt_repaid account:address amount:wide debt:wide
settlement_deposited payer:address account:address amount:wide
settlement_grid_energy_bought account:address slot:wide wh:wide cost:wide
settlement_grid_funded payer:address amount:wide
settlement_keeps_set account:address keeps:bool day:wide
settlement_outflow_limit_set limit:wide
settlement_receivable_paid account:address amount:wide
settlement_receivable_queued account:address amount:wide
settlement_security_released account:address amount:wide
settlement_security_taken account:address amount:wide
settlement_side_blocked account:address buying:bool blocked:bool
settlement_signed_floor_raised account:address nonce:wide
settlement_spot_paid seller:address buyer:address paid:wide protocol_fee:wide grid_fee:wide
settlement_stop_level_changed level:integer by:address
settlement_treasury_collected to:address fees:wide grid_revenue:wide
settlement_withdrawal_cancelled id:wide account:address amount:wide
settlement_withdrawal_lengthened id:wide executable_at:wide
settlement_withdrawal_queued id:wide account:address to:address amount:wide executable_at:wide
settlement_withdrawn account:address to:address amount:wide
smart_meter_authority_updated authority:address
smart_meter_eip712_domain_changed
smart_meter_meter_consented account:address struct_hash:word
smart_meter_meter_deactivated meter:address
smart_meter_meter_detached meter:address account:address end_day:wide
smart_meter_meter_exchanged from:address to:address number:wide exchange_meter:address
    exchange_new_key:address exchange_rated_power:wide exchange_final_consumption:wide
    exchange_final_production:wide exchange_consumption:wide exchange_production:wide
    exchange_deadline:wide
smart_meter_meter_key_rotated from:address to:address number:wide
smart_meter_meter_registered meter:address account:address region:word number:wide
    rated_power:wide settlement:bool
smart_meter_power_quality_alert meter:address timestamp:wide grid_frequency:wide voltage:wide
*smart_meter_reading_recorded meter:address reading:wide
smart_meter_reading_skipped meter:address timestamp:wide reason:text
smart_meter_registers_moved meter:address timestamp:wide consumption:wide production:wide
stability_maintenance_automated_action_failed region:word trigger:integer action_type:integer
    reason:text
stability_maintenance_automated_action_opened region:word trigger:integer action_id:wide
stability_maintenance_automated_response_configured region:word trigger:integer
    action_type:integer adjustment:wide priority:integer
stability_maintenance_critical_event_opened id:wide region:word frequency:wide voltage:wide
stability_maintenance_critical_event_resolved id:wide region:word operator:address
stability_maintenance_stability_level_changed region:word from:integer to:integer
stability_maintenance_stability_reported region:word operator:address frequency:wide
    voltage:wide phase_angle:wide level:integer
stability_maintenance_stability_response_triggered region:word operator:address frequency:wide
    voltage:wide severity:integer
tariffs_authority_updated authority:address
tariffs_credit_value_set day:wide value:wide
tariffs_factors_written id:wide from_slot:wide to_slot:wide factor:wide
tariffs_region_added id:wide region:word
tariffs_tariff_set id:wide day:wide tariff_buy:integer tariff_feed_in:integer
    tariff_network_fee:integer tariff_protocol_fee:integer tariff_max_factor:integer
test_dollar_approval owner:address spender:address value:wide
test_dollar_eip712_domain_changed
test_dollar_transfer from:address to:address value:wide
timelock_controller_call_executed id:word index:wide target:address value:wide data:text
timelock_controller_call_salt id:word salt:word
timelock_controller_call_scheduled id:word index:wide target:address value:wide data:text
    predecessor:word delay:wide
timelock_controller_cancelled id:word
timelock_controller_min_delay_change old_duration:wide new_duration:wide
timelock_controller_role_admin_changed role:word previous_admin_role:word new_admin_role:word
timelock_controller_role_granted role:word account:address sender:address
timelock_controller_role_revoked role:word account:address sender:address
weather_oracle_authority_updated authority:address
*weather_oracle_report_submitted feed:word round:wide reporter:address values:list
weather_oracle_round_abandoned feed:word round:wide
weather_oracle_round_answered feed:word round:wide values:list
weather_oracle_round_held feed:word round:wide values:list
"""
_READINGS = """
*readings meter:address timestamp:integer consumption:integer production:integer
    grid_frequency:integer voltage:integer
"""
_CLOSED_DAYS = """
*closed_days number:integer day:integer money:integer net:integer position:integer taken:integer
    given:integer drawn:integer kept:integer from_grid:integer fed_in:integer deemed:integer
"""
_TYPES: dict[str, TypeEngine[Any]] = {
    "integer": sa.BigInteger(),
    "wide": Wide(),
    "bool": sa.Boolean(),
    "list": sa.JSON(),
    "text": sa.Text(),
    "address": sa.String(42),
    "word": sa.String(66),
    "selector": sa.String(10),
}


def upgrade() -> None:
    for line in _TABLES.strip().replace("\n    ", " ").split("\n"):
        _create(line, sa.Column("transaction_hash", sa.String(66), nullable=False))
    _create(_READINGS.strip().replace("\n    ", " "))
    _create(_CLOSED_DAYS.strip().replace("\n    ", " "), key=("number",))
    for table, *columns in (
        ("readings", "meter", "timestamp"),
        ("closed_days", "number", "day"),
        ("closed_days", "day"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _create(line: str, *more: sa.Column[Any], key: tuple[str, ...] = ()) -> None:
    name, *columns = line.split()
    table = name.removeprefix("*")
    in_key = ("block", "log_index", *(("time",) if name != table else ()), *key)
    op.create_table(
        table,
        *(
            sa.Column(each, sa.BigInteger, nullable=False)
            for each in ("block", "log_index", "time")
        ),
        *more,
        *(
            sa.Column(each, _TYPES[kind], nullable=False)
            for each, _, kind in (column.partition(":") for column in columns)
        ),
        sa.PrimaryKeyConstraint(*in_key, name=f"pk_{table}"),
        postgresql_partition_by="RANGE (time)" if name != table else None,
    )
