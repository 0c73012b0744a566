// A text field with suggestions from the server: a combobox in ARIA's sense, whose text is free all the same.

import { latest } from "./api.js";
import { element } from "./markup.js";

const PAUSE_MILLISECONDS = 120;

/** Bring a field to life: `fetchChoices(text, signal)` gives [{name, value}]; a chosen value takes the text's place. */
export function startCombobox(input, list, fetchChoices) {
  const state = { values: [], active: -1 };
  const show = (choices) => {
    state.values = choices.map(({ value }) => value);
    list.replaceChildren(...choices.map((choice, index) => renderChoice(list.id, choice, index)));
    list.hidden = choices.length === 0;
    input.setAttribute("aria-expanded", String(choices.length > 0));
    mark(-1);
  };
  const mark = (index) => {
    state.active = index;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
  };
  const suggest = latest(async (signal) => {
    try {
      const choices = await fetchChoices(input.value, signal);
      if (!signal.aborted) show(choices); // left meanwhile, the field would cover what is below it
    } catch {
      if (!signal.aborted) show([]); // suggestions are a courtesy: without them the field still works
    }
  }, PAUSE_MILLISECONDS);
  const close = () => {
    suggest.cancel();
    show([]);
  };
  const take = (index) => {
    input.value = state.values[index];
    input.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  const step = (by) => {
    const count = state.values.length;
    if (!count) return suggest();
    mark(state.active < 0 && by < 0 ? count - 1 : (state.active + by + count) % count);
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && state.active >= 0) take(state.active);
    else if (event.key === "Escape" && state.values.length) close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("input", () => suggest());
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // keeps the focus in the field
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
}

function renderChoice(id, { name, value }, index) {
  const note = name.startsWith(value) ? "" : value;
  return element(
    "li", { id: `${id}-${index}`, role: "option", "aria-selected": false },
    element("span", { class: "completion-name" }, name), element("span", { class: "completion-note" }, note),
  );
}
