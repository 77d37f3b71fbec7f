// Signing happens here: by a passkey (passkey.js), or with a private key that is read once from a file and kept as a key
// that can not be read out again. Only signatures leave the browser.
(() => {
  "use strict";

  const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf();
  });

  // Clocks: the server sends the moment of expiry, the page counts down.
  const span = (millis) => {
    const s = Math.max(0, Math.floor(millis / 1000));
    const two = (n) => String(n).padStart(2, "0");
    if (s >= 86400) return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
    if (s >= 3600) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
    if (s >= 60) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
    return `${s} s`;
  };
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-expires]")) {
      const text = span(Number(clock.dataset.expires) - Date.now());
      if (clock.textContent !== text) clock.textContent = text;
    }
  }, 1000);

  const form = document.getElementById("decision");
  if (!form) return;

  const note = document.getElementById("decision-note");
  const keyState = document.getElementById("key-state");
  const keyFile = document.getElementById("key-file");
  const keyLabel = document.getElementById("key-label");
  const keyForget = document.getElementById("key-forget");
  const buttons = form.querySelectorAll("button[type=submit]");
  const person = form.dataset.person;
  const known = JSON.parse(form.dataset.keys);
  const registered = known.filter((key) => key.algorithm === "Ed25519");
  const passkeys = known.filter((key) => key.algorithm === "WebAuthn");
  const subtle = globalThis.crypto?.subtle;
  let current = null;

  const say = (text, good = false) => {
    note.textContent = text;
    note.classList.toggle("good", good);
  };

  const bytesOf = (text) => {
    if (/^[0-9a-f]{64}$/i.test(text)) {
      return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
    }
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  };
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const utf8 = (text) => new TextEncoder().encode(text);

  // IndexedDB keeps CryptoKey objects without ever giving out their content.
  const store = (mode, work) =>
    new Promise((resolve, reject) => {
      const open = indexedDB.open("homeostat-keys", 1);
      open.onupgradeneeded = () => open.result.createObjectStore("keys");
      open.onerror = () => reject(open.error);
      open.onsuccess = () => {
        const transaction = open.result.transaction("keys", mode);
        const request = work(transaction.objectStore("keys"));
        transaction.oncomplete = () => {
          open.result.close();
          resolve(request.result);
        };
        transaction.onerror = () => reject(transaction.error);
      };
    });

  const show = () => {
    const usable = current && registered.some((key) => key.keyId === current.keyId);
    keyState.textContent = usable
      ? `Key ${current.keyId} is ready in this browser.`
      : registered.length === 0
        ? "The ledger's policy has no key registered for you."
        : "Choose your private key file once (PEM, Ed25519). It stays in this browser.";
    keyLabel.hidden = Boolean(usable);
    keyForget.hidden = !usable;
    if (!usable) current = null;
  };

  /** Which registered public key belongs to this private key: found by a trial signature. */
  const keyIdOf = async (privateKey) => {
    const trial = crypto.getRandomValues(new Uint8Array(32));
    const signature = await subtle.sign("Ed25519", privateKey, trial);
    for (const key of registered) {
      const publicKey = await subtle.importKey("raw", bytesOf(key.publicKey), "Ed25519", true, ["verify"]);
      if (await subtle.verify("Ed25519", publicKey, signature, trial)) return key.keyId;
    }
    return null;
  };

  const take = async (file) => {
    if (file.size > 16384) throw new Error("This file is too large for a private key.");
    const pem = await file.text();
    const body = pem.match(/-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/);
    if (!body) throw new Error("Expected a PEM file with BEGIN PRIVATE KEY (PKCS#8, Ed25519, not encrypted).");
    const der = bytesOf(body[1].replace(/\s+/g, ""));
    let privateKey;
    try {
      privateKey = await subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
    } catch {
      throw new Error("This browser can not use the key: it must be Ed25519, and the browser must know Ed25519.");
    } finally {
      der.fill(0);
    }
    const keyId = await keyIdOf(privateKey);
    if (!keyId) throw new Error("This key is not registered for you in the ledger's policy.");
    current = { keyId, privateKey };
    await store("readwrite", (keys) => keys.put(current, person));
  };

  if (!subtle) {
    keyState.textContent = "Signing needs HTTPS or localhost. Open this page there, or sign with: homeostat approve.";
    for (const button of buttons) button.disabled = true;
    return;
  }

  // Which way to sign: a passkey where there is one that works on this page.
  const withBox = document.getElementById("with");
  const passkeyState = document.getElementById("passkey-state");
  const keyBox = document.getElementById("key-box");
  const here = passkeys.filter((key) => key.origin === location.origin);
  const usable = here.length > 0 && !homeostatPasskey.obstacle();
  let byPasskey = usable;
  const showWay = () => {
    keyBox.hidden = byPasskey;
    for (const way of withBox.querySelectorAll("input")) way.checked = (way.value === "passkey") === byPasskey;
    passkeyState.hidden = !byPasskey && (passkeys.length === 0 || usable);
    passkeyState.textContent = byPasskey
      ? "Your device will ask for your finger, face or PIN when you decide."
      : `Your passkey signs on ${[...new Set(passkeys.map((key) => key.origin))].join(", ")} only. Open this page there to use it.`;
  };
  withBox.hidden = !(usable && registered.length > 0);
  withBox.addEventListener("change", (event) => {
    byPasskey = event.target.value === "passkey";
    say("");
    showWay();
  });
  showWay();

  store("readonly", (keys) => keys.get(person))
    .then((kept) => {
      current = kept ?? null;
    })
    .catch(() => {
      current = null;
    })
    .finally(show);

  keyFile.addEventListener("change", async () => {
    const file = keyFile.files[0];
    if (!file) return;
    say("");
    try {
      await take(file);
    } catch (error) {
      say(error.message);
    }
    keyFile.value = "";
    show();
  });

  keyForget.addEventListener("click", async () => {
    await store("readwrite", (keys) => keys.delete(person));
    current = null;
    show();
    keyFile.focus();
  });

  const textOf = async (decision, reason) => {
    const reasonDigest = hex(await subtle.digest("SHA-256", utf8(reason)));
    return (
      "homeostat approval v1\n" +
      `case: ${form.dataset.caseId}\n` +
      `payload: ${form.dataset.payload}\n` +
      `decision: ${decision}\n` +
      `expires: ${form.dataset.expiresMicros}\n` +
      `reason: ${reasonDigest}\n`
    );
  };

  /** {keyId, signature} over the text, by passkey or by file. */
  const signed = async (decision, reason) => {
    const text = await textOf(decision, reason);
    return byPasskey
      ? homeostatPasskey.sign(person, here, text)
      : { keyId: current.keyId, signature: base64(await subtle.sign("Ed25519", current.privateKey, utf8(text))) };
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const decision = event.submitter?.value;
    if (decision !== "approve" && decision !== "deny") return;
    const reason = form.reason.value.trim();
    if (!byPasskey && !current) {
      say("Choose your key file first.");
      keyFile.focus();
      return;
    }
    if (reason.length < Number(form.dataset.minReason)) {
      say(`Write a reason of at least ${form.dataset.minReason} characters.`);
      form.reason.focus();
      return;
    }
    for (const button of buttons) button.disabled = true;
    say("");
    try {
      const { keyId, signature } = await signed(decision, reason);
      const answer = await fetch(`/api/cases/${encodeURIComponent(form.dataset.caseId)}/decisions`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify({
          keyId,
          decision,
          reason,
          payloadDigest: form.dataset.payload,
          expiresAtMicros: Number(form.dataset.expiresMicros),
          signature,
        }),
      });
      if (answer.ok) {
        say(decision === "approve" ? "Signed. The ledger counted your approval." : "Signed. The ledger recorded your denial.", true);
        form.reason.value = "";
        setTimeout(() => location.reload(), 900);
        return;
      }
      const problem = await answer.json().catch(() => ({ detail: `The server answered ${answer.status}.` }));
      say(problem.detail);
    } catch (error) {
      say(`Not sent: ${error.message}`);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
})();
