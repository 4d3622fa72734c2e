"""A button that copies a text and says so. It works without the server."""

import reflex as rx

_COPY = """async (event) => {
  const button = event.currentTarget;
  const source = document.getElementById(button.dataset.copies);
  const plain = button.dataset.plain || source.textContent;
  try {
    await navigator.clipboard.writeText(plain);
  } catch {
    const field = document.createElement("textarea");
    field.value = plain;
    field.style.cssText = "position: fixed; opacity: 0";
    button.after(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    button.focus();
    if (!copied) {
      getSelection().selectAllChildren(source);
      return;
    }
  }
  button.dataset.done = "";
  document.getElementById(button.dataset.copies + "-copied").textContent = button.dataset.said;
  setTimeout(() => {
    delete button.dataset.done;
    const said = document.getElementById(button.dataset.copies + "-copied");
    if (said) said.textContent = "";
  }, 4000);
}"""


def copy_button(
    source: str,
    label: rx.Var[str],
    said: rx.Var[str],
    testid: str,
    *,
    plain: str = "",
    class_name: str = "btn s copy",
) -> rx.Component:
    """Copies the text of the element with the id `source`; `said` is announced.

    `plain` is copied in its stead where it is shown otherwise than it is typed.
    """
    return rx.fragment(
        rx.el.button(
            rx.icon("copy", aria_hidden="true", class_name="before"),
            rx.icon("check", aria_hidden="true", class_name="after"),
            rx.el.span(label),
            type="button",
            class_name=class_name,
            data_testid=testid,
            custom_attrs={
                "onClick": rx.Var(_COPY),
                "data-copies": source,
                "data-said": said,
                "data-plain": plain,
            },
        ),
        rx.el.span(id=f"{source}-copied", class_name="copied", role="status"),
    )
