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
  chips.setAttribute("aria-label", "Show only events with");
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
    status.textContent = pressed.size ? `${left} of ${items.length} events` : "";
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
