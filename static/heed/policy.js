// A rule's page without reloads, and an estimate that grows while one looks. Both work without.
"use strict";

(() => {
  const LOOK_AGAIN_MS = 1500, STAYS = /^(condition|uncondition:|redaction|unredaction:|simulate)/;
  let latest = 0, native = false;

  const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  const form = () => document.querySelector("#rule");

  // Nothing can be typed while a button is at work: it would be lost with the form that it was typed into.
  async function press(button) {
    const mine = ++latest, old = form(), data = new FormData(old);
    data.set("act", button.value);
    old.inert = true;
    const fresh = (await parsed(await fetch(location.pathname, { method: "POST", body: data }))).querySelector("#rule");
    if (mine !== latest || !fresh) return;
    const parts = old.querySelectorAll(".policy-part").length;
    old.replaceWith(fresh);
    const now = fresh.querySelectorAll(".policy-part");
    const added = button.value === "condition" || button.value === "redaction";
    const next = now.length > parts && added ? now[button.value === "condition" ? fresh.querySelectorAll(".policy-part[id^=c]").length - 1 : now.length - 1] : null;
    (next?.querySelector("select, input:not([type=hidden])") ?? fresh.querySelector(`button[value="${CSS.escape(button.value)}"]:not(.heed-hidden)`))?.focus();
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (native || event.target !== form() || !button || !STAYS.test(button.value)) return;
    event.preventDefault();
    press(button).catch(() => { native = true; form().inert = false; button.form.requestSubmit(button); });
  });

  async function grow() {
    const old = document.querySelector("[data-impact='running']");
    if (!old) return;
    const fresh = (await parsed(await fetch(location.pathname))).querySelector("[data-impact]");
    if (fresh) old.replaceWith(fresh);
    setTimeout(() => grow().catch(() => {}), LOOK_AGAIN_MS);
  }
  setTimeout(() => grow().catch(() => {}), LOOK_AGAIN_MS);
})();
