// Passkeys (WebAuthn): a device holds the key, asks its user, and gives signatures only. Nothing is kept in the page.
(() => {
  "use strict";

  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const utf8 = (text) => new TextEncoder().encode(text);
  const sha256 = (bytes) => crypto.subtle.digest("SHA-256", bytes);

  /** Why this page can use no passkey; empty when it can. An IP address is no name that a passkey can be bound to. */
  const obstacle = () => {
    if (!globalThis.crypto?.subtle || !globalThis.PublicKeyCredential) {
      return "Passkeys need HTTPS or localhost, and a browser that knows them.";
    }
    if (/^[0-9.]+$|:/.test(location.hostname)) {
      const there = location.hostname === "127.0.0.1" ? ` Open ${location.protocol}//localhost:${location.port}.` : "";
      return `Passkeys are bound to a name, and this page is open under an IP address.${there}`;
    }
    return "";
  };

  const words = (error) =>
    error.name === "NotAllowedError"
      ? "The device gave no signature: it was cancelled, took too long, or holds no passkey for this page."
      : error.name === "InvalidStateError"
        ? "This device holds a passkey of yours already."
        : error.message;

  /** The id under which the ledger knows a credential: the server makes it in the same way. */
  const keyIdOf = async (person, rawId) => `${person}-${hex(await sha256(rawId)).slice(0, 16)}`;

  /** u16 length | authenticatorData | u16 length | clientDataJSON | signature, as the ledger reads it. */
  const assertionBytes = (response) => {
    const data = new Uint8Array(response.authenticatorData);
    const client = new Uint8Array(response.clientDataJSON);
    const signature = new Uint8Array(response.signature);
    const out = new Uint8Array(4 + data.length + client.length + signature.length);
    out.set([data.length >> 8, data.length & 255]);
    out.set(data, 2);
    out.set([client.length >> 8, client.length & 255], 2 + data.length);
    out.set(client, 4 + data.length);
    out.set(signature, 4 + data.length + client.length);
    return out;
  };

  /** Signs a text with one of the person's passkeys: {keyId, signature}. */
  const sign = async (person, registered, text) => {
    let credential;
    try {
      credential = await navigator.credentials.get({
        publicKey: { challenge: await sha256(utf8(text)), userVerification: "required", timeout: 120000 },
      });
    } catch (error) {
      throw new Error(words(error));
    }
    const keyId = await keyIdOf(person, credential.rawId);
    if (!registered.some((key) => key.keyId === keyId)) {
      throw new Error("This passkey is not registered for you in the ledger's policy.");
    }
    return { keyId, signature: base64(assertionBytes(credential.response)) };
  };

  globalThis.homeostatPasskey = { obstacle, sign };

  const form = document.getElementById("passkey");
  if (!form) return;
  const note = document.getElementById("passkey-note");
  const button = form.querySelector("button");
  const say = (text, good = false) => {
    note.textContent = text;
    note.classList.toggle("good", good);
  };
  if (obstacle()) {
    button.disabled = true;
    say(obstacle());
    return;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("");
    try {
      const made = await navigator.credentials
        .create({
          publicKey: {
            challenge: bytesOf(form.dataset.challenge),
            rp: { name: "Homeostat approvals" },
            user: {
              // A new one each time: a second passkey on a device must not replace the first before it is approved.
              id: crypto.getRandomValues(new Uint8Array(32)),
              name: form.dataset.person,
              displayName: form.dataset.person,
            },
            pubKeyCredParams: [{ type: "public-key", alg: -7 }],
            authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
            attestation: "none",
            timeout: 120000,
          },
        })
        .catch((error) => {
          throw new Error(words(error));
        });
      const answer = await fetch("/api/keys", {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.content ?? "",
        },
        body: JSON.stringify({
          clientDataJSON: base64(made.response.clientDataJSON),
          authenticatorData: base64(made.response.getAuthenticatorData()),
        }),
      });
      const said = await answer.json().catch(() => ({ detail: `The server answered ${answer.status}.` }));
      if (!answer.ok) {
        say(said.detail);
        return;
      }
      say("Made. Now others have to approve it.", true);
      location.assign(`/cases/${encodeURIComponent(said.caseId)}`);
    } catch (error) {
      say(`Not registered: ${error.message}`);
    } finally {
      button.disabled = false;
    }
  });
})();
