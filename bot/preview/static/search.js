// Search as one types: a panel beside the channel with the message that /search would give.

import { get, latest } from "./api.js";
import { element } from "./markup.js";
import { makeFailure } from "./messages.js";

const PAUSE_MILLISECONDS = 180;

/**
 * Bring the field to life.
 *
 * `parts` are its {field, panel, suggestions, results, close}; `make(envelope)` makes a message's item, and
 * `choose(value)` takes a suggestion.
 */
export function startSearch({ field, panel, suggestions, results, close }, { make, choose, announce }) {
  const suggest = ({ name, value }) => {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => choose(value));
    return element("li", {}, button);
  };
  const run = latest(async (signal, words) => {
    panel.setAttribute("aria-busy", "true");
    try {
      const envelope = await get("/api/search", { q: words }, { signal });
      suggestions.replaceChildren(...envelope.choices.map(suggest));
      results.replaceChildren(make(envelope));
      announce(`Search results for ${words}.`);
    } catch (error) {
      if (signal.aborted) return;
      suggestions.replaceChildren();
      results.replaceChildren(element("li", { class: "note" }, makeFailure(error.message, () => run(words))));
    }
    panel.removeAttribute("aria-busy");
  }, PAUSE_MILLISECONDS);

  const update = () => {
    const words = field.value.trim();
    panel.hidden = !words;
    if (words) run(words);
    else {
      run.cancel();
      suggestions.replaceChildren();
      results.replaceChildren();
    }
  };
  const clear = () => {
    field.value = "";
    update();
    field.focus();
  };
  field.addEventListener("input", update);
  close.addEventListener("click", clear);
  for (const part of [field, panel]) {
    part.addEventListener("keydown", (event) => event.key === "Escape" && clear());
  }
}
