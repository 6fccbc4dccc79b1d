// Keeps the page live: asks again every second, swaps what differs, and marks it for a while.
const EVERY = 1000;
const MARKED = 10000;
const said = new Map(); // key -> its text when last seen
const changedAt = new Map();

const status = document.querySelector("[data-status]");

function note(root, mayMark) {
  const present = new Set();
  for (const line of root.querySelectorAll("[data-key]")) {
    const key = line.dataset.key;
    present.add(key);
    if (mayMark && said.get(key) !== line.textContent) changedAt.set(key, Date.now());
    said.set(key, line.textContent);
  }
  for (const key of said.keys()) if (!present.has(key)) said.delete(key);
}

function mark() {
  for (const line of document.querySelectorAll("[data-key]")) {
    const at = changedAt.get(line.dataset.key);
    line.classList.toggle("changed", at !== undefined && Date.now() - at < MARKED);
  }
}

async function look() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  note(fresh, true);
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (next && next.textContent !== part.textContent) part.replaceChildren(...next.childNodes);
  }
  mark();
  status.textContent = `Live. Last look at ${new Date().toLocaleTimeString()}.`;
}

async function keepLooking() {
  if (!document.hidden) {
    await look().catch(() => { status.textContent = "The demo does not answer. Trying again."; });
  }
  setTimeout(keepLooking, EVERY);
}

// A text is sent without leaving the page; without this script the form does it.
async function text(event) {
  event.preventDefault();
  const form = event.target;
  const words = new URLSearchParams(new FormData(form, event.submitter));
  const buttons = form.querySelectorAll("button");
  for (const each of buttons) each.disabled = true;
  const answer = await fetch(form.action, { method: "POST", body: words, redirect: "manual" }).catch(() => null);
  for (const each of buttons) each.disabled = false;
  if (!answer || answer.status >= 400) status.textContent = "The text was not sent. Try again.";
  else form.elements.other.value = "";
  await look().catch(() => {});
}

for (const form of document.querySelectorAll("[data-text]")) form.addEventListener("submit", text);

if (status) {
  status.removeAttribute("role"); // a clock that speaks every second helps nobody
  note(document, false);
  keepLooking();
}
