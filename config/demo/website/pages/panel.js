// What a visitor can't see elsewhere: which tags ran, and what Google and Meta were told.
"use strict";

(() => {
  const TAGS = {
    ads: ["Advertising pixel", "sale_or_sharing"],
    statistics: ["Visit statistics", "sale_or_sharing"],
    symptoms: ["Symptom checker’s chat", "sensitive_data"],
  };
  const MODES = { opt_in: "nothing is used until a yes", opt_out: "used until a no", notice_only: "used; the banner only tells" };
  const at = (id) => document.getElementById(id);

  function element(tag, text, className) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function fact(name, value) {
    const row = document.createElement("div");
    row.append(element("dt", name), element("dd", value));
    return row;
  }

  function drawState(state) {
    const id = window.heed ? heed.id() : "";
    at("state").replaceChildren(
      fact("Where", state.region || "nobody knows"),
      fact("What holds", MODES[state.mode] || "Heed has not answered: the strictest"),
      fact("Privacy signal", state.signal ? "on, and honored" : "off"),
      fact("Somebody chose", state.chosen ? "yes" : "not yet"),
      fact("This browser’s anonymous id", id || "none: nothing is kept of who chose nothing"),
    );
  }

  function drawTags() {
    at("tags").replaceChildren(...Object.entries(TAGS).map(([name, [words, needs]]) => {
      const runs = window.ran.includes(name);
      const row = element("li", ""), stops = runs && window.heed && !heed.allowed(needs);
      const said = stops ? "ran, stops with the next page" : runs ? "ran" : "blocked";
      row.append(element("strong", words), element("code", needs), element("span", said, runs ? "yes" : "no"));
      return row;
    }));
  }

  function drawGoogle() {
    const said = dataLayer.filter((each) => each[0] === "consent").map((each) => each[2]);
    const names = Object.keys(said[0] || {}).filter((name) => name !== "wait_for_update");
    at("google").replaceChildren(...names.map((name) => {
      const row = document.createElement("tr"), head = element("th", name);
      head.scope = "row";
      const now = said.at(-1)[name];
      row.append(head, element("td", said[0][name]), element("td", now, now === "granted" ? "yes" : "no"));
      return row;
    }));
  }

  function drawMeta() {
    const calls = window.fbq?.queue ?? [];
    at("meta").replaceChildren(...[...calls].map((call) => element("li", `fbq(${[...call].map((each) => JSON.stringify(each)).join(", ")})`)));
  }

  function draw() {
    if (window.heed) drawState(heed.state());
    else drawState({});
    drawTags();
    drawGoogle();
    drawMeta();
  }

  draw();
  document.addEventListener("heed:change", draw);
  // A tag says nothing when it runs: looked at again, while somebody looks.
  setInterval(draw, 500);

  at("sign-in").addEventListener("click", async () => {
    const told = at("signed-in"), browser = window.heed ? heed.id() : "";
    if (!browser) {
      told.textContent = "You chose nothing yet, so there is nothing to join: choose first, then sign in.";
      return;
    }
    const answer = await fetch("/sign-in", { method: "POST", body: JSON.stringify({ browser }) });
    const { profile } = await answer.json();
    if (!profile) {
      told.textContent = "Heed does not answer. What you chose holds here all the same.";
      return;
    }
    const link = element("a", "See it on the page of staff");
    link.href = `${told.dataset.heedUrl}/admin/people/${profile}/`;
    told.replaceChildren("Signed in: what was chosen in this browser is this person’s from now on. ", link);
  });

  at("forget").addEventListener("click", () => {
    document.cookie = "heed_choices=; Path=/; Max-Age=0";
    location.reload();
  });
})();
