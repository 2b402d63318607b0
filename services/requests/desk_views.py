"""What a caller sees that is not one request: inboxes, clocks, whether one may have an entry. Pure."""

from services.requests.entry import Entry
from services.requests.inbox import Notice
from services.shared.clock_words import CalendarView, Clocks
from services.shared.model import Model


class ClocksView(Model):
    """What is timed and by which numbers, and the table of working days that they are counted on."""

    clocks: Clocks
    working_days: CalendarView


class InboxPage(Model):
    """What an organisation was told, the latest first."""

    items: tuple[Notice, ...]
    next: str | None


class Permission(Model):
    """Whether the caller may have an entry's information, by which agreement, and what to do next (S-044)."""

    resource: str
    share_type: str | None
    permitted: bool
    agreement: str | None
    zh: str
    en: str


def permission_for(entry: Entry, agreement: str | None) -> Permission:
    """Return what an entry's share type and the caller's agreement in force say of its permission (S-044)."""
    if agreement is not None:
        zh, en = "已有生效协议,按协议取用", "an agreement is in force; use it as it says"
    elif entry.is_unconditional:
        zh, en = (
            "无条件共享:提交申请,在条目公布的条件内自动转为协议",
            "shared unconditionally: a request on the entry's own terms goes through by itself",
        )
    elif entry.share_type == "NOT_SHARED":
        zh, en = "不予共享,依据见目录条目", "not shared; the entry names the basis"
    else:
        zh, en = "有条件共享:提交申请,与提供单位协商", "shared on conditions: ask, and negotiate with the provider"
    return Permission(
        resource=entry.id,
        share_type=entry.share_type,
        permitted=agreement is not None,
        agreement=agreement,
        zh=zh,
        en=en,
    )
