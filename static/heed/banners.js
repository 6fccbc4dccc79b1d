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

  let waiting = 0, keeping = Promise.resolve();

  async function keep() {
    const typed = new FormData(form);
    typed.set("act", "keep");
    const answer = await fetch(location.href, { method: "POST", body: typed });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = fresh.querySelector("[data-banner]");
    // Saved in another window meanwhile: on to the page that shows both.
    if (answer.redirected && !now) return void location.assign(answer.url);
    for (const each of fresh.querySelectorAll("[data-live]")) {
      document.querySelector(`[data-live="${each.dataset.live}"]`)?.replaceWith(each);
    }
    const told = form.querySelector("[data-kept]");
    told.textContent = answer.ok ? "Kept as your draft." : "Not kept yet: something must be put right first.";
    if (!answer.ok) return;
    form.elements.seen.value = now.elements.seen.value;
    history.replaceState(null, "", answer.url);
    draft.value = fresh.querySelector("[data-look] [name=draft]")?.value ?? draft.value;
    show();
  }

  // One after the other: each says over what it was typed, and that is what the one before it left.
  const keepNext = () => { keeping = keeping.then(keep).catch(() => {}); };

  form.addEventListener("change", (event) => {
    if (event.target.name === "reason") return;
    clearTimeout(waiting);
    waiting = setTimeout(keepNext, CALM_MS);
  });

  let goes = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (goes) return;
    event.preventDefault();
    // In a task of its own: a form does not submit itself while it still tells of being submitted.
    keeping.then(() => setTimeout(() => { goes = true; form.requestSubmit(event.submitter); }));
  });
})();
