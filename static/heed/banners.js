// The editor of banners: what is typed is kept as one's draft, and the frame shows it. All of it works without.
"use strict";

(() => {
  const CALM_MS = 700;
  const form = document.querySelector("[data-banner]"), look = document.querySelector("[data-look]");
  if (!look) return;
  const from = look.querySelector("form"), frame = look.querySelector("iframe"), alone = look.querySelector("[data-alone]");
  const draft = from.elements.draft;

  function show() {
    const asked = new URLSearchParams(new FormData(from));
    asked.delete("width");
    const address = `${alone.pathname}?${asked}`;
    alone.href = address;
    // Replaced, not added: Back leads out of the page, not through all that was looked at.
    frame.contentWindow.location.replace(address);
  }

  from.addEventListener("change", (event) => { if (event.target.name !== "width") show(); });
  from.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  if (!form) return;

  let waiting = 0, latest = 0;

  async function keep() {
    const mine = ++latest, typed = new FormData(form);
    typed.set("act", "keep");
    const answer = await fetch(location.href, { method: "POST", body: typed });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== latest) return;
    for (const each of fresh.querySelectorAll("[data-live]")) {
      document.querySelector(`[data-live="${each.dataset.live}"]`)?.replaceWith(each);
    }
    const told = form.querySelector("[data-kept]");
    told.textContent = answer.ok ? "Kept as your draft." : "Not kept yet: something must be put right first.";
    if (!answer.ok) return;
    draft.value = fresh.querySelector("[data-look] [name=draft]")?.value ?? draft.value;
    show();
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "reason") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => keep().catch(() => {}), CALM_MS);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
})();
