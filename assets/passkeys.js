// Passkeys: a button with data-passkey asks for options, lets the device answer, and posts its form.
// Elements with data-passkey are hidden (portal.css) until a browser that knows passkeys says so here.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  document.documentElement.setAttribute("data-passkeys", "");

  const bytes = (text) => {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) => {
    const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const ids = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const make = (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: ids(options.excludeCredentials),
      },
    });
  const use = (options) =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: ids(options.allowCredentials),
      },
    });

  const written = (made) => {
    const response = { clientDataJSON: text(made.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[part]) response[part] = text(made.response[part]);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
  };

  const run = async (button) => {
    const form = button.form;
    const asked = await fetch(button.dataset.passkey, { method: "POST", body: new FormData(form) });
    if (asked.redirected) {
      window.location.assign(asked.url);
      return;
    }
    if (!asked.ok) {
      window.location.reload();
      return;
    }
    const options = await asked.json();
    const made = await (options.user ? make(options) : use(options));
    form.elements.credential.value = written(made);
    // What proved its owner has been read; it travels once.
    if (form.elements.proof) form.elements.proof.value = "";
    form.submit();
  };

  // One listener for all pages: their elements come and go.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-passkey]");
    if (!button || !button.form) return;
    event.preventDefault();
    if (!button.form.reportValidity()) return;
    button.disabled = true;
    run(button)
      .catch((trouble) => {
        // Its owner thought better of it, or the device has none: the other ways in are beside it.
        if (!(trouble instanceof DOMException)) throw trouble;
      })
      .finally(() => {
        button.disabled = false;
      });
  });
})();
