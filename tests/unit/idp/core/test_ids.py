"""Codes that people copy by hand."""

from idp.core.ids import new_readable_code


def test_a_readable_code_has_no_look_alikes() -> None:
    """Capitals and digits, of the length that was asked for, without 0 O 1 I L; each drawn anew."""
    codes = [new_readable_code(24) for _ in range(200)]
    assert len(set(codes)) == len(codes)
    drawn = set("".join(codes))
    assert drawn == set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")
    assert {len(code) for code in codes} == {24}
