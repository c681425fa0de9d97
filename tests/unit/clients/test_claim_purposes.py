"""What a consent item says of its purpose, and which items a change of purposes touches."""

from clients.approvals import items_touched, purposes_of

PURPOSE = "办理住房公积金提取"


def test_purposes_of_an_item() -> None:
    """Those of the claims that it stands for, each once."""
    both = {"real_name": "甲乙丙丁", "id_number_masked": PURPOSE, "gender": PURPOSE}
    assert purposes_of("identity", both) == (PURPOSE, "甲乙丙丁")
    assert purposes_of("identity", {**both, "real_name": PURPOSE}) == (PURPOSE,)
    assert purposes_of("gender", both) == (PURPOSE,)
    assert purposes_of("phone", both) == purposes_of("verified_claims", both) == ()


def test_items_that_a_change_touches() -> None:
    """A claim whose purpose changed or ended, and the scope that tells it; a new claim touches nothing yet."""
    before = {"real_name": PURPOSE, "id_number_masked": PURPOSE, "gender": PURPOSE}
    assert items_touched(before, before) == items_touched({}, before) == frozenset()
    assert items_touched(before, {**before, "age_over_18": PURPOSE}) == frozenset()
    assert items_touched(before, {**before, "real_name": "甲乙丙丁"}) == {"real_name", "identity"}
    assert items_touched(before, {"real_name": PURPOSE, "id_number_masked": PURPOSE}) == {"gender"}
