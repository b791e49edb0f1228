// Passkeys: asks our server for a challenge, has the browser answer it, and sends the answer back.
// Works on every form of class "passkey"; nothing here decides whether somebody gets in.
"use strict";

const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

const create = async (options) => {
  const wanted = { ...options, challenge: toBytes(options.challenge) };
  wanted.user = { ...options.user, id: toBytes(options.user.id) };
  wanted.excludeCredentials = described(options.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: wanted });
  return {
    id: made.id, rawId: toText(made.rawId), type: made.type, clientExtensionResults: {},
    response: {
      attestationObject: toText(made.response.attestationObject),
      clientDataJSON: toText(made.response.clientDataJSON),
    },
  };
};

const get = async (options) => {
  const wanted = { ...options, challenge: toBytes(options.challenge) };
  wanted.allowCredentials = described(options.allowCredentials);
  const shown = await navigator.credentials.get({ publicKey: wanted });
  return {
    id: shown.id, rawId: toText(shown.rawId), type: shown.type, clientExtensionResults: {},
    response: {
      authenticatorData: toText(shown.response.authenticatorData),
      clientDataJSON: toText(shown.response.clientDataJSON),
      signature: toText(shown.response.signature),
      userHandle: shown.response.userHandle ? toText(shown.response.userHandle) : null,
    },
  };
};

const post = async (path, token, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Sluis-Token": token },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(read.error);
  return read;
};

const run = async (form) => {
  const { token = "", ...fields } = Object.fromEntries(new FormData(form));
  const asked = await post(form.dataset.at + "/start", token, fields);
  const ceremony = form.dataset.ceremony === "create" ? create : get;
  let answer;
  try {
    answer = await ceremony(asked.options.publicKey);
  } catch {
    throw new Error(form.dataset.cancelled);
  }
  const done = await post(form.dataset.at + "/finish", token, { ...fields, id: asked.id, answer });
  location.assign(done.next);
};

for (const form of document.querySelectorAll("form.passkey")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const error = form.querySelector(".error");
    error.hidden = true;
    button.disabled = true;
    try {
      await run(form);
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
