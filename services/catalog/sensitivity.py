"""What never enters the system: labels and marks of state and work secrets. Pure.

Decree 809 Art. 3; the form of the marks is that of 国家秘密定密管理规定 (mark, star, period: 机密★20年).
"""

import re
import unicodedata

SECRETS = frozenset({"STATE_SECRET", "WORK_SECRET"})
REFUSED = "国家秘密、工作秘密不得进入本系统 / state and work secrets must not enter this system"
# 秘密 and 机密 alone are everyday words (商业秘密, 不涉及国家秘密); with a star, a period or a grade they are a mark.
_MARK = re.compile(r"绝密|[机秘]密(?:级|[★☆]|(?:长期|\d+(?:年|个?月|天|日)))|工作秘密[★☆]")


def allowed(code: str) -> str:
    """Return a sensitivity code. Raises ValueError for a secret: it is refused where it is said."""
    if code in SECRETS:
        raise ValueError(REFUSED)
    return code


def unmarked(text: str) -> str:
    """Return text unchanged. Raises ValueError when it carries a mark of secrecy, however spaced or wide."""
    if "密" in text and (mark := _MARK.search(_close(text))):
        raise ValueError(f"文字带有密级标志“{mark.group()}”；{REFUSED}")
    return text


def _close(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
