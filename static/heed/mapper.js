// The mapper's page without reloads: its buttons, and the preview that follows what is typed. It works without.
"use strict";

(() => {
  const PAUSE_MS = 600, LEAVES = new Set(["publish", "save", "discard"]);
  let page = document.querySelector("[data-mapper-page]"), waiting = 0, latest = 0, native = false;

  const form = () => page.querySelector("#mapper");

  // Answers of a slow line may come in another order: only that to the latest request counts.
  async function ask(act) {
    const mine = ++latest, data = new FormData(form());
    data.set("act", act);
    const answer = await fetch(location.pathname, { method: "POST", body: data, redirect: "manual" });
    if (answer.type === "opaqueredirect") return void location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-mapper-page]");
    return mine === latest ? fresh : null;
  }

  const focusAgain = ({ id, name, value }) => {
    const same = id ? document.getElementById(id) : name && form().querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`);
    same?.focus({ preventScroll: true });
  };

  // Nothing can be typed while a button is at work: it would be lost with the page that it was typed into.
  async function press(button) {
    const rows = page.querySelectorAll(".mapper-row").length;
    const answer = ask(button.value);
    page.inert = true;
    const fresh = await answer;
    if (!fresh) return;
    page.replaceWith(fresh);
    page = fresh;
    const now = page.querySelectorAll(".mapper-row");
    if (now.length > rows) now[now.length - 1].querySelector("input").focus();
    else focusAgain(button);
  }

  async function follow() {
    const fresh = await ask("follow");
    if (!fresh) return;
    for (const part of ["[data-calls]", "[data-problems]"]) {
      const old = page.querySelector(part), now = fresh.querySelector(part);
      if (old && now) old.replaceWith(now);
      else if (old) old.remove();
      else if (now) page.querySelector("header").after(now);
    }
    fresh.querySelectorAll(".mapper-row").forEach((now) => {
      const old = page.querySelector(`#${now.id}`);
      old?.querySelectorAll(":scope > .heed-error").forEach((each) => each.remove());
      old?.querySelector("legend").after(...now.querySelectorAll(":scope > .heed-error"));
      old?.classList.toggle("mapper-wrong", now.classList.contains("mapper-wrong"));
    });
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (native || !form()?.contains(event.target) || !button || LEAVES.has(button.value) || button.value.startsWith("revert")) return;
    event.preventDefault();
    clearTimeout(waiting);
    press(button).catch(() => { native = true; page.inert = false; button.form.requestSubmit(button); });
  });

  document.addEventListener("input", (event) => {
    if (!form()?.contains(event.target)) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => follow().catch(() => {}), PAUSE_MS);
  });
})();
