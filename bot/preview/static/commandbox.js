// The command box: what is typed, what completes it, and sending it. A combobox in ARIA's sense.
// Reading the line for good is the server's work; here it is read just well enough to suggest.

import { get, latest } from "./api.js";
import { element } from "./markup.js";

const PAUSE_MILLISECONDS = 120;

/**
 * Bring a command box to life.
 *
 * `parts` are its {form, input, list, error}; `commands` come from the server; `send(text)` runs one and resolves
 * to a sentence when the line has to be corrected, else to null.
 */
export function startCommandBox({ form, input, list, error }, commands, send) {
  const state = { items: [], active: -1, sent: [], at: 0 };

  const show = (items, preselect) => {
    state.items = items;
    list.replaceChildren(...items.map(renderItem));
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    mark(preselect && items.length ? 0 : -1);
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
  const fetchChoices = latest(async (signal, wanted) => {
    try {
      const { command, option, text } = wanted;
      const { choices } = await get("/api/complete", { command, option, text }, { signal });
      show(choices.map((choice) => makeChoice(choice, wanted)), false);
    } catch {
      if (!signal.aborted) show([], false); // suggestions are a courtesy: without them the box still works
    }
  }, PAUSE_MILLISECONDS);
  const suggest = () => {
    fetchChoices.cancel();
    const found = findSuggestions(input.value.slice(0, input.selectionStart), commands);
    show(found.items, found.preselect);
    if (found.wanted) fetchChoices(found.wanted);
  };
  const take = (index) => {
    const { insert, from } = state.items[index];
    const after = input.value.slice(input.selectionStart);
    input.value = input.value.slice(0, from) + insert + after;
    input.setSelectionRange(from + insert.length, from + insert.length);
    input.focus();
    suggest();
  };
  const submit = async () => {
    const text = input.value.trim();
    if (!text) return;
    fetchChoices.cancel();
    show([], false);
    input.value = "";
    state.at = state.sent.push(text);
    setError("");
    const wrong = await send(text);
    if (!wrong) return;
    if (!input.value) input.value = text;
    setError(wrong);
    input.focus();
  };
  const setError = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  const recall = (step) => {
    state.at = Math.max(0, Math.min(state.sent.length, state.at + step));
    input.value = state.sent[state.at] ?? "";
  };

  const keys = {
    ArrowDown: () => (state.items.length ? mark((state.active + 1) % state.items.length) : recall(1)),
    ArrowUp: () => (state.items.length ? mark(state.active <= 0 ? state.items.length - 1 : state.active - 1) : recall(-1)),
    Tab: () => take(Math.max(state.active, 0)),
    Enter: () => (state.active >= 0 ? take(state.active) : submit()),
    Escape: () => (fetchChoices.cancel(), show([], false)),
  };
  input.addEventListener("keydown", (event) => {
    const open = state.items.length > 0;
    const handled = { ArrowDown: true, ArrowUp: true, Tab: open && !event.shiftKey, Enter: true, Escape: open };
    if (!handled[event.key] || event.isComposing) return;
    event.preventDefault();
    keys[event.key]();
  });
  input.addEventListener("input", () => {
    setError("");
    suggest();
  });
  input.addEventListener("focus", () => input.value && suggest());
  input.addEventListener("blur", () => show([], false));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // keeps the focus in the box
    const option = event.target.closest("[role=option]");
    if (option) take([...list.children].indexOf(option));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  return {
    /** Put a line into the box, ready to go on typing. */
    fill(text) {
      input.value = text;
      input.focus();
      input.setSelectionRange(text.length, text.length);
      suggest();
    },
    submit,
  };
}

function renderItem(item, index) {
  const name = element("span", { class: "completion-name" }, item.label);
  const note = element("span", { class: "completion-note" }, item.note ?? "");
  return element("li", { id: `completion-${index}`, role: "option", "aria-selected": false }, name, note);
}

// ── What could come next, from the text before the caret ──

function findSuggestions(text, commands) {
  if (!text.startsWith("/")) return { items: [] };
  const space = text.indexOf(" ");
  if (space < 0) return suggestCommands(text.slice(1).toLowerCase(), commands);
  const command = commands.find((each) => each.name === text.slice(1, space).toLowerCase());
  if (!command) return { items: [] };
  const open = findOpenOption(text, command);
  if (open) return suggestValues(open, command);
  return suggestOptions(text, space, command);
}

function suggestCommands(typed, commands) {
  const fitting = commands.filter((command) => command.name.startsWith(typed));
  if (fitting.some((command) => command.name === typed && !needsValue(command))) {
    return { items: fitting.map(makeCommand), preselect: false };
  }
  return { items: fitting.map(makeCommand), preselect: true };
}

function needsValue(command) {
  return command.options.some((option) => option.required);
}

function makeCommand(command) {
  const first = command.options.find((option) => option.required);
  const insert = `/${command.name} ${first ? `${first.name}:` : ""}`;
  return { label: `/${command.name}`, note: command.description, insert, from: 0 };
}

/** Find the option whose value is being typed: the last one named, unless its value is complete. */
function findOpenOption(text, command) {
  for (const [named, name] of [...text.matchAll(/(?<=\s)([\w-]+):\s*(?:"[^"]*"(?=\s|$)|"[^"]*$)?/g)].map((m) => [m, m[1]]).reverse()) {
    const option = command.options.find((each) => each.name === name.toLowerCase());
    if (!option) continue;
    const from = named.index + name.length + 1;
    const typed = text.slice(from);
    const done = /^\s*"[^"]*"\s/.test(typed) || option.choices.some((choice) => `${choice.value} ` === typed);
    return done ? null : { option, from, typed: typed.trimStart().replace(/^"|"$/g, "") };
  }
  return null;
}

function suggestValues({ option, from, typed }, command) {
  if (option.choices.length) {
    const low = typed.toLowerCase();
    const fitting = option.choices.filter(({ name, value }) => `${value} ${name}`.toLowerCase().includes(low));
    const exact = fitting.some((choice) => choice.value === typed);
    return { items: exact ? [] : fitting.map((choice) => makeChoice(choice, { from })), preselect: true };
  }
  const next = suggestNextOption(typed, from, command);
  if (next.items.length) return next;
  const wanted = option.completes ? { command: command.name, option: option.name, text: typed, from } : null;
  return { items: [], wanted };
}

// A value may be followed by another option: offered once two letters of its name stand after a space.
function suggestNextOption(typed, from, command) {
  const word = /\s(\w{2,})$/.exec(typed)?.[1];
  if (!word) return { items: [] };
  const names = command.options.filter((option) => option.name.startsWith(word.toLowerCase()));
  return { items: names.map((option) => makeOption(option, from + typed.length - word.length)), preselect: false };
}

function suggestOptions(text, space, command) {
  const word = /\S*$/.exec(text)[0].toLowerCase();
  const left = command.options.filter((option) => !text.toLowerCase().includes(` ${option.name}:`));
  const fitting = left.filter((option) => option.name.startsWith(word));
  const items = fitting.map((option) => makeOption(option, text.length - word.length));
  const free = left.find((option) => option.required && option.completes);
  const typed = text.slice(space + 1);
  if (free && typed.trim() && !typed.includes(":")) {
    return { items, wanted: { command: command.name, option: free.name, text: typed, from: space + 1, named: true } };
  }
  return { items, preselect: Boolean(word) && !free };
}

function makeOption(option, from) {
  return { label: `${option.name}:`, note: option.description, insert: `${option.name}:`, from };
}

function makeChoice(choice, { option, from, named = false }) {
  const value = /\s/.test(choice.value) ? `"${choice.value.replaceAll('"', "")}"` : choice.value;
  const note = choice.name.toLowerCase() === choice.value.toLowerCase() ? "" : choice.value;
  return { label: choice.name, note, insert: `${named ? `${option}:` : ""}${value} `, from };
}
