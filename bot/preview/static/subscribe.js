// The form that subscribes the page to a digest. What a field accepts is the server's to say; its words appear there.

import { get, post } from "./api.js";
import { startCombobox } from "./combobox.js";
import { element } from "./markup.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const COMPLETED = ["categories", "time", "timezone"];
const SOON_MILLISECONDS = 5000; // a minute that begins sooner than that could pass while the form is being sent

/**
 * Bring the form to life.
 *
 * `now()` is the server's time in milliseconds; `added(standing)` takes what was subscribed. Returns {tick}, to be
 * called every second: as long as nobody chose a time, the form offers the next full minute.
 */
export function startSubscribing(form, { now, added }) {
  const field = (name) => form.elements.namedItem(name);
  const state = { isChosen: false };

  const offer = () => {
    if (!state.isChosen) field("time").value = findNextMinute(now(), field("timezone").value);
  };
  const refuse = (name, words) => {
    const place = form.querySelector(`[data-error="${name}"]`) ?? form.querySelector('[data-error=""]');
    place.textContent = words;
    const input = field(name) instanceof Element ? field(name) : form.querySelector(`[name="${name}"]`);
    input?.setAttribute("aria-invalid", "true");
    (input ?? form.querySelector("[type=submit]")).focus();
  };
  const clear = () => {
    for (const place of form.querySelectorAll("[data-error]")) place.textContent = "";
    for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  };
  const submit = async () => {
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    clear();
    offer();
    button.disabled = true;
    try {
      const { added: standing } = await post("/api/schedule/subscribe", readForm(form));
      state.isChosen = false;
      added(standing);
    } catch (error) {
      refuse(error.field ?? "", error.message);
    }
    button.disabled = false;
  };

  form.querySelector(".weekdays").append(...DAYS.map(renderDay));
  field("timezone").value = findZone();
  for (const name of COMPLETED) {
    const complete = async (text, signal) =>
      (await get("/api/schedule/complete", { field: name, text }, { signal })).choices;
    startCombobox(field(name), form.querySelector(`#${name}-choices`), complete);
  }
  for (const kind of ["input", "change"]) {
    field("time").addEventListener(kind, () => (state.isChosen = field("time").value.trim() !== ""));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  offer();
  return {
    tick() {
      if (document.activeElement !== field("time")) offer();
    },
  };
}

function renderDay(name, index) {
  return element(
    "label", { class: "weekday" },
    element("input", { type: "checkbox", name: "weekdays", value: index, checked: true }), element("span", {}, name),
  );
}

function readForm(form) {
  const data = new FormData(form);
  return Object.fromEntries(
    ["categories", "count", "only", "time", "timezone", "weekdays"].map((name) => [name, data.getAll(name).map(String)]),
  );
}

function findZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function findNextMinute(now, zone) {
  const next = new Date((Math.floor((now + SOON_MILLISECONDS) / 60000) + 1) * 60000);
  const style = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone.trim() || undefined }).format(next);
  } catch {
    return new Intl.DateTimeFormat("en-GB", style).format(next); // a zone of which only the server knows the name
  }
}
