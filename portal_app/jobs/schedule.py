"""Table: what runs by the clock. Polling a bank is not here: each boleto asks for itself."""

from typing import Final

from portal_app.domain.jobs import Cron, Every

SCHEDULE: Final = (
    Cron("session.clean", Every.DAY),
    Cron("job.clean", Every.DAY),
    Cron("trace.forget", Every.DAY),
    Cron("report.catch_up", Every.HOUR),
    Cron("payment.sweep", Every.TEN_MINUTES),
)
