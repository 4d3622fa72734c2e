"""A button that copies a text and says so. It works without the server."""

import reflex as rx

_COPY = """async (event) => {
  const button = event.currentTarget;
  const source = document.getElementById(button.dataset.copies);
  const plain = source.textContent;
  try {
    await navigator.clipboard.writeText(plain);
  } catch {
    getSelection().selectAllChildren(source);
    if (!document.execCommand("copy")) return;
  }
  button.dataset.done = "";
  document.getElementById(button.dataset.copies + "-copied").textContent = button.dataset.said;
  setTimeout(() => {
    delete button.dataset.done;
    const said = document.getElementById(button.dataset.copies + "-copied");
    if (said) said.textContent = "";
  }, 4000);
}"""


def copy_button(source: str, label: rx.Var[str], said: rx.Var[str], testid: str) -> rx.Component:
    """Copies the text of the element with the id `source`; `said` is announced."""
    return rx.fragment(
        rx.el.button(
            rx.icon("copy", aria_hidden="true", class_name="before"),
            rx.icon("check", aria_hidden="true", class_name="after"),
            label,
            type="button",
            class_name="btn s copy",
            data_testid=testid,
            custom_attrs={"onClick": rx.Var(_COPY), "data-copies": source, "data-said": said},
        ),
        rx.el.span(id=f"{source}-copied", class_name="copied", role="status"),
    )
