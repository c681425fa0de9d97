"""What an older system says of an account, masked field by field; what is shown in no mask is not shown."""

from idp.linking.contents import LegacyRow
from realname.documents.masking import mask_mobile, mask_name, mask_number

_YEAR = 4


def masked_fields(row: LegacyRow) -> tuple[tuple[str, str], ...]:
    """Return the fields that say something, by their names."""
    shown = (
        ("reference", mask_number(row.reference, strict=True)),
        ("login", mask_number(row.login, strict=True)),
        ("document_type", row.document_type),
        ("number", mask_number(row.number, strict=True)),
        ("name", mask_name(row.name)),
        ("former_name", mask_name(row.former_name)),
        ("mobile", mask_mobile(row.mobile)),
        ("birth_date", row.birth_date[:_YEAR]),  # the year tells generations apart
        ("organisation", row.organisation),
        ("status", row.status),
        ("registered_at", row.registered_at[:10]),
        ("last_login_at", row.last_login_at[:10]),
    )
    return tuple((name, value) for name, value in shown if value)
