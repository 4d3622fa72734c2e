"""What becomes of an event that the gate refused."""

from portal_app.ui import shell
from portal_app.ui.customer.analysis.state import AnalysisState
from portal_app.ui.customer.send_email.state import EmailState


def full_name(state: type, handler: str) -> str:
    return f"{state.get_full_name()}.{handler}"  # pyright: ignore[reportAttributeAccessIssue]


def test_what_is_no_page_is_answered_with_a_notice_that_it_is_not_there() -> None:
    (notice,) = shell.refused(full_name(EmailState, "close"))

    assert notice.name.endswith("notice_state.refuse")
    assert notice.payload == {"code": "NOT_FOUND", "facts": {}}
    assert not notice.router_data


def test_a_page_is_loaded_anew_and_says_so_itself() -> None:
    loaded = shell.refused(full_name(AnalysisState, "choose_span"))

    assert [event.name.rpartition(".")[0].rpartition("___")[2] for event in loaded] == [
        "shell_state",
        "analysis_state",
    ]
