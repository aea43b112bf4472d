"""Raw logs of a Linux host to a case that KQL can ask: the only code that reads evidence.

>>> account = ingest([Path("evidence")], Path("case.duckdb"))
>>> print(account)

Every line of every file is a row, joined to a row, or rejected with a reason; rows and rejects
put together by record id give the file's bytes back (:func:`raw`, :func:`rebuild`).
"""

from linuxhunt.evidence.account import Account, Progress
from linuxhunt.evidence.intake import ingest
from linuxhunt.evidence.kept import raw, rebuild

__all__ = ["Account", "Progress", "ingest", "raw", "rebuild"]
