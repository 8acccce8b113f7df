"""What the emulator must be able to do, line by line, and the test over HTTP that shows it."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LINES = {
    "302 with Location and JSON": "test_create_order.test_a_new_order_answers_302_with_location_and_json",
    "token expiry": "test_oauth.test_a_token_expires_with_time",
    "one currency per point of sale": "test_create_order.test_another_currency_than_the_shops_is_refused",
    "extOrderId unique per point of sale": "test_create_order.test_a_taken_ext_order_id_names_the_existing_order",
    "extOrderId taken for ever": "test_create_order.test_an_ext_order_id_stays_taken_after_the_order_is_cancelled",
    "amounts as strings": "test_create_order.test_an_order_is_read_back_with_its_numbers_as_strings",
    "auto-receive off": "test_order_life.test_a_paid_order_waits_for_confirmation_and_captures_whole",
    "auto-receive on": "test_order_life.test_auto_receive_completes_at_once",
    "validityTime ends in CANCELED": "test_order_life.test_an_order_is_cancelled_when_its_validity_runs_out",
    "the page: pay": "test_page.test_paying_on_the_page_authorises_and_returns_to_the_shop",
    "the page: decline": "test_page.test_declining_returns_with_error_501_and_cancels",
    "the page: leave": "test_page.test_leaving_returns_with_error_501_and_the_order_stays_open",
    "an automatic payer": "test_order_life.test_the_automatic_payer_pays_each_new_order",
    "redelivery until 200": "test_notifications.test_a_notification_is_repeated_with_the_same_bytes_until_200",
    "duplicates": "test_notifications.test_duplicates_are_the_same_bytes_again",
    "reordering": "test_notifications.test_reordered_notifications_come_after_the_next_one",
    "COMPLETED then PENDING": "test_notifications.test_a_stale_status_can_be_scripted_after_another",
    "lost": "test_notifications.test_a_dropped_notification_never_comes",
    "three days late": "test_notifications.test_a_delayed_notification_comes_days_later",
    "bad signature": "test_notifications.test_a_bad_signature_is_sent_as_often_as_scripted",
    "two-step DELETE": "test_order_life.test_an_authorised_order_takes_two_deletes",
    "refund PENDING to FINALIZED": "test_refunds.test_a_refund_is_accepted_and_then_finalized",
    "refund CANCELED with statusError": "test_refunds.test_an_accepted_refund_can_fail_later_and_frees_its_money",
    "NO_BALANCE in a normal answer": "test_refunds.test_no_balance_comes_in_the_body_of_a_normal_answer",
    "idempotent replay of a refund": "test_refunds.test_the_same_refund_again_is_the_earlier_one",
    "over-refund AMOUNT_TO_BIG": "test_refunds.test_more_than_what_is_left_is_too_big",
    "unfinished order TRANS_NOT_ENDED": "test_refunds.test_an_unfinished_order_cannot_be_refunded",
    "no refunds read as false": "test_refunds.test_no_refunds_read_as_false",
    "429 and 503": "test_faults.test_a_scripted_status_comes_without_effect",
    "HTML faults": "test_faults.test_a_gateway_fault_can_be_html",
    "an integer as status": "test_faults.test_a_gateway_fault_can_be_an_integer_status",
    "slow": "test_faults.test_a_slow_call_takes_its_time",
    "partial outages": "test_faults.test_a_partial_outage_hits_a_share_of_the_calls",
    "lost create answer": "test_faults.test_a_lost_create_answer_leaves_an_order_that_can_be_found",
    "scripted per order": "test_faults.test_a_fault_of_one_order_spares_the_others",
    "scripted by amount": "test_faults.test_a_fault_of_an_amount_spares_other_amounts",
    "its own durable record": "test_restart.test_every_acknowledged_capture_survives_kill_9_in_the_middle",
}


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_the_check_list_has_its_test(line: str) -> None:
    module, _, name = LINES[line].partition(".")
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))

    names = {each.name for each in tree.body if isinstance(each, ast.AsyncFunctionDef)}

    assert name in names
