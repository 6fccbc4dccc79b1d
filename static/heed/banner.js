/* Heed's website banner (docs/banner.md). No dependency, no build step, nothing inline: a strict CSP is enough. */
(() => {
  "use strict";

  const here = document.currentScript || document.querySelector('script[data-key][src*="/banner.js"]');
  if (!here || window.heed) return;

  const KEY = here.dataset.key || "";
  const COOKIE = "heed_choices";
  const SIGNALS = [
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
    "security_storage",
  ];
  const NO = 0;
  const YES = 1;
  const YES_DESPITE_SIGNAL = 2;
  const PATIENCE = [2, 10, 30, 60, 300]; // seconds between tries while Heed does not answer

  let config = null;
  let signal = navigator.globalPrivacyControl === true; // https://www.w3.org/TR/gpc/
  let kept = here.dataset.config ? null : readCookie(); // a preview begins where a visitor does
  let unwritten = false;

  // ---- what was chosen: one cookie, which exists only once somebody chose ----
  // c: choices; t: when; b: consent signals; i: anonymous id; w: wording shown;
  // u: is there something to send; q: which choices that is; p: was the signal on

  function readCookie() {
    const found = document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`));
    try {
      const value = JSON.parse(decodeURIComponent(found.slice(COOKIE.length + 1)));
      return value && typeof value.c === "object" && value.t > 0 && Array.isArray(value.q) ? value : null;
    } catch {
      return null;
    }
  }

  function writeCookie() {
    // For how long, and for which domain, is known only once Heed has answered: a choice may be sent before that.
    unwritten = !config;
    if (!config || config.preview) return;
    const domain = config.cookie_domain;
    const within = domain && `.${location.hostname}`.endsWith(`.${domain}`);
    document.cookie = [
      `${COOKIE}=${encodeURIComponent(JSON.stringify(kept))}`,
      "Path=/",
      "SameSite=Lax",
      `Max-Age=${config.days * 86400}`,
      ...(within ? [`Domain=${domain}`] : []),
      ...(location.protocol === "https:" ? ["Secure"] : []),
    ].join("; ");
  }

  /** Another window may have chosen meanwhile: what is newer stands, and is never written over. */
  function catchUp() {
    const found = here.dataset.config ? null : readCookie();
    if (!found || (kept && found.t <= kept.t)) return false;
    kept = found;
    tell();
    return true;
  }

  function category(slug) {
    return config && config.categories.find((each) => each.slug === slug);
  }

  /** The strictest answer holds for all that is not known: before Heed has answered, and if it never does. */
  function allowed(slug) {
    const said = kept ? kept.c[slug] : undefined;
    const known = category(slug);
    if (said === NO || (config && !known)) return false;
    if (said === YES_DESPITE_SIGNAL) return true;
    if (signal && (!known || known.gpc)) return false;
    return said === YES || Boolean(known && known.on);
  }

  // ---- what tags are told: Google's consent mode and Meta's limited data use ----

  let granted = kept && kept.b && (!signal || kept.p) ? [...kept.b].map(Number) : [...SIGNALS, "meta"].map(() => 0);

  function gtag() {
    (window.dataLayer = window.dataLayer || []).push(arguments);
  }

  function consent() {
    return Object.fromEntries(SIGNALS.map((each, at) => [each, granted[at] ? "granted" : "denied"]));
  }

  // Meta's base code leaves when window.fbq is there already, so there can be no stand-in: the options are said
  // the first time that anybody reaches for it, which is before its "init".
  let fbq = window.fbq;
  let told = "";

  function tellMeta() {
    const options = granted[SIGNALS.length] ? [[]] : [["LDU"], 0, 0];
    if (typeof fbq !== "function" || !fbq.queue || told === String(options)) return;
    told = String(options);
    fbq("dataProcessingOptions", ...options);
  }

  Object.defineProperty(window, "fbq", {
    configurable: true,
    get() {
      tellMeta();
      return fbq;
    },
    set(value) {
      fbq = value;
      told = "";
    },
  });

  // ---- scripts that wait: <script type="text/plain" data-heed="sale_or_sharing"> ----

  let line = Promise.resolve();
  const ran = new Set();

  const needs = (element) => (element.dataset.heed || "").split(/\s+/).filter(Boolean);
  const mayRun = (element) => needs(element).length > 0 && needs(element).every(allowed);

  function release() {
    for (const element of document.querySelectorAll("[data-heed]:not([data-heed-runs])")) {
      if (!mayRun(element)) continue;
      element.dataset.heedRuns = "";
      line = line.then(() => (element.tagName === "SCRIPT" ? run(element) : load(element)));
    }
  }

  function isWithdrawn(element) {
    if (mayRun(element)) {
      needs(element).forEach((slug) => ran.add(slug));
      return false;
    }
    delete element.dataset.heedRuns;
    return true;
  }

  function load(element) {
    if (!isWithdrawn(element) && element.dataset.src) element.src = element.dataset.src;
  }

  // Where a site asks for trusted types: what was in its page already is as trusted as it was.
  const asIs = { createScript: (text) => text, createScriptURL: (url) => url };
  let trust = asIs;
  try {
    if (window.trustedTypes) trust = window.trustedTypes.createPolicy("heed", asIs);
  } catch {
    // Its policy leaves out ours: then it wants no script of this kind.
  }

  /** One after the other, as they stand in the page: later ones may need earlier ones. */
  function run(element) {
    if (isWithdrawn(element)) return undefined;
    const script = document.createElement("script");
    for (const { name, value } of element.attributes) {
      if (name === "src") script.src = trust.createScriptURL(value);
      else if (name !== "type" && name !== "nonce") script.setAttribute(name, value);
    }
    if (element.dataset.type) script.type = element.dataset.type;
    script.nonce = element.nonce;
    script.async = false;
    if (element.text) script.text = trust.createScript(element.text);
    const done = new Promise((resolve) => {
      script.onload = script.onerror = resolve;
      setTimeout(resolve, 10000);
    });
    element.replaceWith(script);
    return script.src ? done : undefined;
  }

  // ---- who wants to know ----

  const listeners = new Set();
  let lastSaid = "";

  function state() {
    const slugs = config ? config.categories.map((each) => each.slug) : Object.keys(kept ? kept.c : {});
    return {
      allowed: Object.fromEntries(slugs.map((slug) => [slug, allowed(slug)])),
      chosen: Boolean(kept),
      signal,
      mode: config ? config.mode : "",
      region: config ? config.region : "",
    };
  }

  function tell() {
    if (config) granted = [...SIGNALS, "meta"].map((each) => Number(isOn(config.signals[each])));
    const now = state();
    const said = JSON.stringify([now, granted]);
    if (said === lastSaid) return;
    lastSaid = said;
    gtag("consent", "update", consent());
    tellMeta();
    release();
    listeners.forEach((listener) => listener(now));
    document.dispatchEvent(new CustomEvent("heed:change", { detail: now }));
  }

  const isOn = (by) => by === "*" || Boolean(by && allowed(by));

  // ---- talking to Heed ----

  const retrying = {};

  function later(what, attempt, act) {
    clearTimeout(retrying[what]);
    retrying[what] = setTimeout(() => act(attempt + 1), 1000 * PATIENCE[Math.min(attempt, PATIENCE.length - 1)]);
  }

  async function ask(attempt = 0) {
    const language = here.dataset.language || document.documentElement.lang || navigator.language;
    const address = new URL(here.dataset.config || `banner/config/${KEY.slice(5, 13)}.json`, here.src);
    address.searchParams.set("language", language.slice(0, 20));
    try {
      const answer = await fetch(address, { credentials: here.dataset.config ? "same-origin" : "omit" });
      const told = await answer.json();
      if (!answer.ok && !attempt) console.warn(`heed: ${told.detail}`); // to whoever puts it onto the site
      if (!answer.ok) throw new Error(`${answer.status}`);
      config = told;
    } catch {
      later("config", attempt, ask);
      return;
    }
    if (unwritten) writeCookie();
    signal = signal || config.gpc;
    noteSignal();
    tell();
    whenBody(begin);
  }

  function noteSignal() {
    catchUp();
    if (!kept || Boolean(kept.p) === signal) return;
    kept.p = Number(signal);
    // An anonymous person exists only where something was sent: nobody is made up by looking at a page.
    if (signal && kept.i) kept.u = 1;
    writeCookie();
    send();
  }

  let sending = false;

  async function send(attempt = 0) {
    if (sending || !kept || !kept.u || (config && config.preview)) return;
    sending = true;
    const { t, p } = kept;
    let status = 0;
    try {
      const body = JSON.stringify({
        key: KEY,
        anonymousId: kept.i,
        messageId: `${kept.i}:${t}:${p || 0}`,
        timestamp: new Date(t).toISOString(),
        sentAt: new Date().toISOString(),
        choices: Object.fromEntries(kept.q.map((slug) => [slug, kept.c[slug] !== NO])),
        despite: kept.q.filter((slug) => kept.c[slug] === YES_DESPITE_SIGNAL),
        signal: Boolean(p),
        shown: kept.w,
      });
      // Plain text, so that browsers ask no leave first (Fetch, "CORS-safelisted request-header").
      status = (await fetch(new URL("banner/choices", here.src), { method: "POST", body, keepalive: true, credentials: "omit" })).status;
    } catch {
      // Heed is down, or the person is offline.
    }
    sending = false;
    if (catchUp()) {
      send();
      return;
    }
    if (status >= 200 && status < 300 && kept.t === t && kept.p === p) {
      kept.u = 0;
      kept.q = [];
      if (readCookie()) writeCookie(); // who cleared it meanwhile does not get it back
    } else if (status < 400 || status === 429 || status >= 500) {
      later("send", attempt, send);
    }
  }

  // ---- deciding ----

  const uses = () => config.categories.filter((each) => each.use);
  const inAll = () => uses().filter((each) => !(signal && each.gpc)); // nobody overrides the signal in passing

  function pickAll(yes) {
    decide(Object.fromEntries(inAll().map((each) => [each.slug, yes])));
  }

  function decide(picks) {
    catchUp();
    const twice = config.categories.filter(
      (each) => picks[each.slug] && !allowed(each.slug) && (each.twice || (signal && each.gpc)),
    );
    if (!twice.length) {
      keep(picks);
      return;
    }
    confirm(twice, (sure) => keep({ ...picks, ...Object.fromEntries(twice.map((each) => [each.slug, sure])) }));
  }

  function keep(picks) {
    catchUp();
    const choices = { ...(kept && kept.c) };
    const news = new Set(kept && kept.q);
    for (const [slug, yes] of Object.entries(picks)) {
      // What is on without a choice, and stays on, is nobody's choice yet.
      if (yes && allowed(slug)) continue;
      const said = yes ? (signal && category(slug).gpc ? YES_DESPITE_SIGNAL : YES) : NO;
      if (choices[slug] !== said) news.add(slug);
      choices[slug] = said;
    }
    kept = {
      c: choices,
      t: Date.now(),
      i: (kept && kept.i) || (news.size ? newId() : ""),
      w: config.shown,
      u: Number(news.size > 0),
      q: [...news],
      p: Number(signal),
    };
    close();
    tell();
    kept.b = granted.join("");
    writeCookie();
    announce(config.words.saved);
    const withdrawn = [...ran].some((slug) => !allowed(slug));
    send().then(() => {
      if (withdrawn && "reload" in here.dataset) location.reload();
    });
  }

  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }

  // ---- what people see: a shadow tree, so that the site's styles and ours leave each other alone ----

  const clear = new CSSStyleSheet();
  let root = null;
  let bar = null;
  let dialog = null;
  let status = null;

  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  function stage() {
    if (root) return;
    const host = h("heed-banner");
    root = host.attachShadow({ mode: "open" });
    const look = new CSSStyleSheet();
    look.replaceSync(STYLE);
    root.adoptedStyleSheets = [look];
    status = h("p", { class: "aside", role: "status" });
    dialog = h("dialog", { "aria-labelledby": "heed-second" });
    root.append(status, dialog);
    // Before the body, not in it: first for the keyboard, and no rule of the site for its first or last child
    // comes to mean another element.
    document.documentElement.insertBefore(host, document.body);
  }

  function dress() {
    stage();
    const rules = ([scheme, { paper, ink, accent }]) =>
      `@media (prefers-color-scheme: ${scheme}) { :host { --paper: ${paper}; --ink: ${ink}; --accent: ${accent} } }`;
    const colours = new CSSStyleSheet();
    colours.replaceSync(Object.entries(config.colours).map(rules).join("\n"));
    root.adoptedStyleSheets = [root.adoptedStyleSheets[0], colours];
    root.host.lang = config.language;
    root.host.dir = config.direction;
  }

  function begin() {
    dress();
    if (!kept) showBar();
    else offerReopening();
    if (wanted) show();
  }

  const button = (words, act, look) => h("button", { type: "button", class: look, click: act }, words);

  function signalLine() {
    if (!signal || !config.categories.some((each) => each.gpc && !allowed(each.slug))) return [];
    const { gpc_title, gpc_text } = config.words;
    const gap = gpc_title.endsWith("。") ? "" : " ";
    return [h("p", { class: "signal" }, h("strong", {}, gpc_title), gap, gpc_text)];
  }

  function showBar() {
    if (bar) return;
    const { words } = config;
    const toChoose = button(words.choose, () => show(), "same");
    const buttons =
      config.mode === "notice_only" || !inAll().length
        ? [h("div", { class: "pair" }, toChoose, button(words.understood, () => keep({}), "same"))]
        : [
            h("div", { class: "pair" }, button(words.reject, () => pickAll(false), "same"), button(words.accept, () => pickAll(true), "same")),
            button(words.choose, () => show(), "link"),
          ];
    bar = h(
      "section",
      {
        class: `bar ${config.position}`,
        role: "dialog",
        "aria-labelledby": "heed-title",
        "aria-describedby": "heed-text",
        keydown: (event) => event.key === "Escape" && hideBar(),
      },
      h("div", { class: "says" }, h("h2", { id: "heed-title", dir: "auto" }, words.title), h("p", { id: "heed-text", dir: "auto" }, words.text), ...signalLine()),
      h("div", { class: "acts" }, ...buttons),
    );
    root.append(bar);
    keepClear(bar.offsetHeight);
  }

  function hideBar() {
    if (bar) bar.remove();
    bar = null;
    keepClear(0);
  }

  /** Whatever of the site gets the focus is scrolled clear of the first layer (WCAG 2.2, 2.4.11). */
  function keepClear(height) {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== clear);
    clear.replaceSync(`html { scroll-padding-block-end: ${height}px }`);
    if (height) document.adoptedStyleSheets = [...document.adoptedStyleSheets, clear];
  }

  let wanted = false;

  /** The second layer: everything that one can decide about. */
  function show() {
    catchUp();
    wanted = !config;
    whenBody(() => {
      if (config) openDialog(config.words.choices_title, choicesOf(config));
      else openDialog("Privacy choices", [h("p", {}, "Your choices cannot be loaded right now. Nothing that needs your yes is used until then. Please try again in a minute."), button("Close", close, "same")]);
    });
  }

  function choicesOf({ words, categories }) {
    const answers = categories.map(question);
    const begun = kept && kept.t;
    const picked = () => {
      catchUp();
      // Where another window said something since, only what was altered here is said here.
      const isSaid = (each) => (kept && kept.t) === begun || !each.defaultChecked;
      const inputs = [...root.querySelectorAll("input:checked")].filter(isSaid);
      return Object.fromEntries(inputs.map((each) => [each.name, each.value === "yes"]));
    };
    return [
      h("p", {}, words.choices_text),
      ...signalLine(),
      ...answers,
      h(
        "div",
        { class: "acts" },
        h("div", { class: "pair" }, button(words.reject, () => pickAll(false), "quiet"), button(words.accept, () => pickAll(true), "quiet")),
        button(words.save, () => decide(picked()), "same"),
        button(words.close, close, "link"),
      ),
    ];
  }

  function question({ slug, name, text, use, language }) {
    const { words } = config;
    const said = kept ? kept.c[slug] : undefined;
    const isYes = allowed(slug);
    const answer = (value, label, isPicked) =>
      h("label", {}, h("input", { type: "radio", name: slug, value, checked: isPicked }), label);
    return h(
      "fieldset",
      {},
      h("legend", { lang: language, dir: "auto" }, name),
      h("p", { lang: language, dir: "auto" }, text),
      h("div", { class: "answers" }, answer("yes", words.yes, isYes), answer("no", words.no, !isYes && (use || said === NO))),
    );
  }

  function confirm(twice, then) {
    const { words } = config;
    const overrides = signal && twice.some((each) => each.gpc);
    openDialog(words.sure_title, [
      h("p", {}, overrides ? words.sure_despite : words.sure_text),
      h("ul", {}, ...twice.map((each) => h("li", { lang: each.language, dir: "auto" }, each.name))),
      h("div", { class: "pair" }, button(words.sure_no, () => then(false), "same"), button(words.sure_yes, () => then(true), "same")),
    ]);
  }

  function openDialog(title, content) {
    stage();
    dialog.replaceChildren(h("h2", { id: "heed-second", tabindex: "-1", autofocus: true }, title), ...content);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    dialog.querySelector("h2").focus();
  }

  function close() {
    if (dialog && dialog.open) dialog.close();
    if (kept) {
      hideBar();
      offerReopening();
    }
  }

  function announce(words) {
    status.textContent = words;
  }

  const REOPENS = "[data-heed-show]";

  /** A way back for every visitor: the site's own link, or else a small button. */
  function offerReopening() {
    if (document.querySelector(REOPENS) || root.querySelector(".reopen")) return;
    root.append(button(config.words.reopen, () => show(), "reopen"));
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest(REOPENS)) return;
    event.preventDefault();
    show();
  });

  function whenBody(act) {
    if (document.body) act();
    else document.addEventListener("DOMContentLoaded", act, { once: true });
  }

  const STYLE = `
    :host { all: initial; --paper: #fff; --ink: #1c2b2d; --accent: #0b5c62; color-scheme: light dark;
      font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink) }
    * { box-sizing: border-box }
    h2 { margin: 0 0 .35em; font-size: 1.25em; line-height: 1.25; outline-offset: .25em; text-wrap: balance }
    h2:focus { outline: 0 }
    p { margin: 0 0 .75em; max-width: 65ch }
    ul { margin: 0 0 1em; padding-inline-start: 1.25em }
    .bar, dialog { color: var(--ink); background: var(--paper);
      border: 1px solid color-mix(in srgb, var(--ink) 22%, var(--paper)); box-shadow: 0 .5em 2.5em rgb(0 0 0 / .22) }
    .bar { position: fixed; z-index: 2147483646; inset-block-end: 0; inset-inline: 0; max-height: 85vh; overflow: auto;
      padding: 1.25em clamp(1em, 4vw, 2.5em); border-width: 1px 0 0; animation: rise .25s ease-out }
    .bar p:last-child { margin-bottom: 0 }
    .acts { display: grid; gap: .6em; margin-block-start: 1em }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9em), 1fr)); gap: .6em }
    button { font: inherit; line-height: 1.3; min-height: 2.75em; padding: .5em 1.1em; border-radius: .5em; cursor: pointer;
      border: 2px solid var(--accent) }
    .same { font-weight: 600; color: var(--paper); background: var(--accent) }
    .quiet { font-weight: 600; color: var(--accent); background: var(--paper) }
    button:hover { box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 35%, var(--paper)) }
    .link { color: var(--accent); background: none; border-color: transparent; text-decoration: underline; text-underline-offset: .2em }
    button:focus-visible, input:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px }
    .signal { padding: .25em .9em; border-inline-start: .3em solid var(--accent) }
    dialog { width: min(40em, 100vw - 1.5em); max-width: none; max-height: min(90vh, 60em); overflow: auto; overscroll-behavior: contain;
      padding: clamp(1.1em, 4vw, 2em); border-radius: .75em }
    dialog::backdrop { background: rgb(8 20 22 / .55) }
    fieldset { margin: 0 0 .9em; padding: 1em 1.1em; border: 1px solid color-mix(in srgb, var(--ink) 22%, var(--paper)); border-radius: .6em; min-width: 0 }
    legend { padding: 0; float: inline-start; width: 100%; font-weight: 700; margin-block-end: .2em }
    legend + p { clear: both; margin-block-end: .5em }
    .answers { display: flex; flex-wrap: wrap; gap: .25em 1.5em }
    label { display: inline-flex; align-items: center; gap: .6em; min-height: 2.75em; padding-inline-end: .5em; cursor: pointer }
    input { width: 1.4em; height: 1.4em; margin: 0; accent-color: var(--accent) }
    .reopen { position: fixed; z-index: 2147483645; inset-block-end: .75em; inset-inline-start: .75em; font-size: .875em;
      color: var(--accent); background: var(--paper); border-width: 1px; box-shadow: 0 .15em .75em rgb(0 0 0 / .18) }
    .aside { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
    @keyframes rise { from { transform: translateY(1.5em); opacity: 0 } }
    @media (min-width: 50em) {
      .bar.bottom { display: grid; grid-template-columns: 1fr minmax(19em, 26em); align-items: center; gap: 2.5em }
      .bar.start, .bar.end { inset-block-end: 1.25em; width: 27em; border-width: 1px; border-radius: .75em; padding: 1.5em }
      .bar.start { inset-inline-end: auto; inset-inline-start: 1.25em }
      .bar.end { inset-inline-start: auto; inset-inline-end: 1.25em }
      .bar.bottom .acts { margin: 0 }
    }
    @media (prefers-reduced-motion: reduce) { .bar { animation: none } }
    @media (forced-colors: active) { button { border: 2px solid } }
    @media print { .bar, .reopen { display: none } }
  `;

  // ---- the beginning: all of this runs before any tag that stands below it ----

  window.heed = Object.freeze({
    show,
    allowed,
    state,
    /** The anonymous id under which choices are kept; empty until somebody chose. */
    id: () => (kept && kept.i) || "",
    /** Called now and at every change; returns what ends that. */
    onChange(listener) {
      listeners.add(listener);
      listener(state());
      return () => listeners.delete(listener);
    },
  });

  gtag("consent", "default", { ...consent(), wait_for_update: 500 });
  tellMeta();
  release();
  new MutationObserver(release).observe(document.documentElement, { childList: true, subtree: true });
  addEventListener("online", () => send());
  addEventListener("focus", () => {
    if (!catchUp() || !bar) return;
    hideBar();
    offerReopening();
  });
  send();
  ask();
})();
