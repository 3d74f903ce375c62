// The contexts of a list become chips: pressed ones leave only the events that have them all.
// Without script the page stays as it is: every event, every context a link.
for (const list of document.querySelectorAll(".filtered")) {
  const items = [...list.querySelectorAll("ol.events > li")].map((element) => ({
    element,
    names: new Set([...element.querySelectorAll(".context")].map((context) => context.textContent)),
  }));
  const counts = new Map();
  for (const { names } of items) for (const name of names) counts.set(name, (counts.get(name) || 0) + 1);
  // A context that every event has would filter nothing, nor would the topic whose page this is.
  const shown = [...counts]
    .filter(([name, count]) => count < items.length && name !== list.dataset.topic)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 12);
  if (items.length < 3 || shown.length < 2) continue;

  const pressed = new Set();
  const chips = document.createElement("div");
  chips.className = "chips";
  chips.setAttribute("role", "group");
  chips.setAttribute("aria-label", document.documentElement.dataset.filter);
  const status = document.createElement("span");
  status.className = "status";
  status.setAttribute("role", "status");

  const filter = () => {
    let left = 0;
    for (const { element, names } of items) {
      element.hidden = ![...pressed].every((name) => names.has(name));
      if (!element.hidden) left += 1;
    }
    for (const block of list.querySelectorAll("ol.events")) {
      const empty = ![...block.children].some((item) => !item.hidden);
      block.hidden = empty;
      const heading = block.previousElementSibling;
      if (heading && heading.tagName === "H2" && list.querySelectorAll("ol.events").length > 1) heading.hidden = empty;
    }
    status.textContent = pressed.size
      ? document.documentElement.dataset.filtered.replace("{left}", left).replace("{all}", items.length)
      : "";
    for (const button of chips.querySelectorAll("button")) {
      const names = new Set([...pressed, button.dataset.name]);
      const any = items.some((item) => [...names].every((name) => item.names.has(name)));
      button.disabled = !any;
    }
  };
  for (const [name, count] of shown) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.name = name;
    button.setAttribute("aria-pressed", "false");
    const label = document.createElement("span");
    label.dir = "auto";
    label.textContent = name;
    const number = document.createElement("span");
    number.className = "count";
    number.textContent = count;
    button.append(label, " ", number);
    button.addEventListener("click", () => {
      pressed.has(name) ? pressed.delete(name) : pressed.add(name);
      button.setAttribute("aria-pressed", String(pressed.has(name)));
      filter();
    });
    chips.append(button);
  }
  chips.append(status);
  const place = list.tagName === "SECTION" ? list.querySelector("ol.events") : list.firstElementChild;
  place.before(chips);
}

// The search page looks through the titles and topics of one year after the other, the newest first: each is a script that
// calls found(). That works from a folder as from a server.
const results = document.getElementById("results");
if (results) {
  const MOST = 50;
  const input = document.getElementById("q");
  const told = document.getElementById("told");
  const years = results.dataset.years.split(" ").filter(Boolean);
  const events = [];
  const months = results.dataset.months.split("|");
  // As all other pages say it: the 1 of 2016-07-01 has no zero before it.
  const dayInWords = (day) => {
    const [year, month, number] = day.split("-");
    const parts = { year, month: months[Number(month) - 1], day: Number(number) };
    return results.dataset.date.replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  };
  let loaded = 0;
  let waiting = false;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  // A word of the query is the beginning of a word; scripts that write no spaces have it anywhere.
  const holds = (text, word) => (/^[\p{Script=Latin}\p{Script=Cyrillic}\p{N}]/u.test(word) ? text.includes(` ${word}`) : text.includes(word));

  const next = () => {
    if (waiting || loaded === years.length) return;
    waiting = true;
    const script = document.createElement("script");
    script.src = `${years[loaded]}.js`;
    script.onload = script.onerror = () => {
      waiting = false;
      loaded += 1;
      show();
    };
    document.head.append(script);
  };
  window.found = (rows) => {
    for (const [title, path, day, topics] of rows) {
      events.push({ title, path, day, topics, text: ` ${plain(`${title} ${topics.join(" ")}`).replace(/[^\p{L}\p{N}]+/gu, " ")}` });
    }
  };
  const show = () => {
    const words = plain(input.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const hits = [];
    if (words.length) {
      for (const event of events) {
        if (words.every((word) => holds(event.text, word))) hits.push(event);
        if (hits.length === MOST) break;
      }
      if (hits.length < MOST) next();
    }
    const done = words.length && (hits.length === MOST || loaded === years.length);
    const number = hits.length === MOST ? `${MOST}+` : hits.length;
    told.textContent = hits.length ? told.dataset.found.replace("{n}", number) : done ? told.dataset.nothing : "";
    results.replaceChildren(
      ...hits.map((event) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.className = "title";
        link.href = `${results.dataset.root}${event.path}.html`;
        link.dir = "auto";
        link.textContent = event.title;
        const meta = document.createElement("p");
        meta.className = "meta";
        if (event.day) {
          const time = document.createElement("time");
          time.dateTime = event.day;
          time.textContent = dayInWords(event.day);
          meta.append(time);
        }
        if (event.topics.length) meta.append(` ${results.dataset.topics}: ${event.topics.join(", ")}`);
        item.append(link, meta);
        return item;
      }),
    );
  };
  input.value = new URLSearchParams(location.search).get("q") || "";
  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
    show();
  });
  show();
}
