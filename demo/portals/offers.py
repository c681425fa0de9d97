"""What the two portals pretend to offer: services, halls, times. All of it is invented."""

from dataclasses import dataclass
from datetime import date, timedelta

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """One tile of the service portal with its sample result; `level` is the least that a login must have."""

    slug: str
    sign: str
    name: Pair
    hint: Pair
    lines: tuple[tuple[Pair, Pair], ...]
    level: int = 1


SERVICES = (
    Service(
        "social-insurance",
        "社",
        ("社保查询", "Social insurance"),
        ("缴费与权益", "Payments and benefits"),
        (
            (("参保状态", "Status"), ("正常参保", "Insured")),
            (("累计缴费", "Paid so far"), ("86 个月", "86 months")),
        ),
    ),
    Service(
        "housing-fund",
        "金",
        ("公积金", "Housing fund"),
        ("余额与提取", "Balance and withdrawal"),
        (
            (("账户状态", "Account"), ("正常", "Active")),
            (("账户余额", "Balance"), ("52,318.00 元", "CNY 52,318.00")),
        ),
    ),
    Service(
        "medical-insurance",
        "医",
        ("医保服务", "Medical insurance"),
        ("参保与报销", "Cover and refunds"),
        (
            (("参保地", "Insured at"), ("示例市", "Sample City")),
            (("个人账户", "Personal account"), ("1,024.00 元", "CNY 1,024.00")),
        ),
    ),
    Service(
        "tax",
        "税",
        ("个税年度汇算", "Income tax"),
        ("申报与退税", "Returns and refunds"),
        (
            (("汇算年度", "Tax year"), ("上一年度", "Last year")),
            (("申报状态", "Status"), ("待申报", "To be filed")),
        ),
        level=2,
    ),
    Service(
        "residence",
        "户",
        ("户籍证明", "Residence record"),
        ("开具与核验", "Issue and verify"),
        (
            (("可办事项", "You can"), ("在线开具户籍证明", "Have a certificate issued online")),
            (("预计时间", "Takes"), ("即时", "No time")),
        ),
        level=3,
    ),
    Service(
        "property",
        "房",
        ("不动产转移登记", "Transfer of property"),
        ("本人到场核验", "Verified in person"),
        (
            (("可办事项", "You can"), ("在线提交转移登记申请", "Apply for the transfer online")),
            (("受理机构", "Handled by"), ("不动产登记中心", "Property registry")),
        ),
        level=4,
    ),
    Service(
        "driving",
        "驾",
        ("驾驶证换领", "Driving licence"),
        ("期满换证", "Renewal"),
        (
            (("准驾车型", "Class"), ("C1", "C1")),
            (("办理方式", "How"), ("在线申请，邮寄到家", "Online, sent by post")),
        ),
    ),
    Service(
        "education",
        "学",
        ("入学报名", "School enrolment"),
        ("义务教育阶段", "Compulsory education"),
        (
            (("报名时间", "Enrolment"), ("每年 6 月", "Every June")),
            (("状态", "Status"), ("未报名", "Not enrolled")),
        ),
    ),
    Service(
        "elder-care",
        "老",
        ("高龄津贴", "Age allowance"),
        ("资格认证", "Eligibility"),
        (
            (("资格", "Eligibility"), ("未达年龄", "Not of age yet")),
            (("可代办", "For another"), ("父母、配偶父母", "Parents and parents-in-law")),
        ),
    ),
)

HALLS: dict[str, Pair] = {
    "city": ("市政务服务中心", "City Service Centre"),
    "east": ("东城区政务服务大厅", "East District Hall"),
    "hospital": ("市第一人民医院 · 门诊", "First People's Hospital, Outpatients"),
    "vehicles": ("车辆管理所", "Vehicle Office"),
}
TIMES = ("09:00-10:00", "10:00-11:00", "14:00-15:00", "15:00-16:00")


def service(slug: str) -> Service | None:
    """Return the service with this slug, or None."""
    return next((one for one in SERVICES if one.slug == slug), None)


def bookable_days(today: date) -> list[date]:
    """Return the next five working days."""
    days = (today + timedelta(days=ahead) for ahead in range(1, 8))
    return [day for day in days if day.weekday() < 5]


def day_name(day: date, *, english: bool) -> str:
    """Return the day as people write it."""
    if english:
        return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[day.weekday()]} {day.isoformat()}"
    return f"{day.month} 月 {day.day} 日 周{'一二三四五六日'[day.weekday()]}"
