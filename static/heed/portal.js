// What the pages do beyond plain HTML: follow the telling, warn before a page closes, print, put the result in focus, send a form once.
"use strict";

(() => {
  const FIRST_MS = 500, LONGEST_MS = 15000, QUICK_LOOKS = 20, GROWTH = 1.5, PATIENCE_MS = 10 * 60 * 1000;
  const WARN_MS = 2 * 60 * 1000, ONCE_MS = 5000;

  function follow(section) {
    const began = Date.now();
    const summary = section.querySelector("[data-summary]");
    const lines = section.querySelectorAll("[data-state]");
    let wait = FIRST_MS, looks = 0;

    // Only what differs is written: a screen reader speaks each change of the live line, and no repeat.
    const say = (element, words) => { if (element.textContent !== words) element.textContent = words; };

    const show = (now) => {
      if (now.systems.length !== lines.length) return location.reload();
      now.systems.forEach((system, place) => {
        lines[place].dataset.state = system.state;
        say(lines[place].querySelector(".telling"), system.words);
      });
      say(summary, now.summary);
    };

    const look = async () => {
      try {
        const answer = await fetch(section.dataset.status, { headers: { Accept: "application/json" } });
        if (answer.status === 403) return;
        if (answer.ok) {
          const now = await answer.json();
          show(now);
          if (now.done) return section.querySelector("[data-again]")?.remove();
        }
      } catch {
        // No network for a moment: the next look will tell.
      }
      if (++looks > QUICK_LOOKS) wait = Math.min(wait * GROWTH, LONGEST_MS);
      if (Date.now() - began < PATIENCE_MS) setTimeout(look, wait);
    };

    if (section.dataset.done !== "yes") setTimeout(look, FIRST_MS);
  }

  function warn(box) {
    const start = () => setTimeout(() => { box.hidden = false; }, box.dataset.idle * 1000 - WARN_MS);
    box.querySelector("button").addEventListener("click", async () => {
      const answer = await fetch(box.dataset.stay, { method: "HEAD" }).catch(() => null);
      if (!answer?.ok) return;
      box.hidden = true;
      start();
    });
    start();
  }

  function offerPrint(button) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // The session gets a new key with a code: a second click would come with the old one, and be sent away.
  function sendOnce(event) {
    const form = event.target;
    if (Date.now() - (form.dataset.sent || 0) < ONCE_MS) return event.preventDefault();
    form.dataset.sent = Date.now();
  }

  document.addEventListener("submit", sendOnce);
  document.querySelectorAll("[data-print]").forEach(offerPrint);
  document.querySelectorAll("[data-status]").forEach(follow);
  document.querySelectorAll("[data-idle]").forEach(warn);
  document.querySelector("[data-focus]")?.focus();
})();
