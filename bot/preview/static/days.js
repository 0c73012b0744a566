// The day picker: earlier, later, or any ingested day from the list.

import { element } from "./markup.js";

const FORMAT = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** Return a day as people read it: Tue 13 Apr 2021. */
export function formatDay(day) {
  return FORMAT.format(new Date(`${day}T00:00:00Z`)).replace(",", "");
}

/** Bring the picker to life; `choose(day)` shows one. Returns {list, set}: the days, newest first, and the one shown. */
export function startDayPicker({ select, earlier, later }, choose) {
  const place = () => select.selectedIndex;
  const list = (days) => {
    select.replaceChildren(...days.map(({ day }) => element("option", { value: day }, formatDay(day))));
    select.disabled = days.length === 0;
  };
  const set = (day) => {
    select.value = day;
    earlier.disabled = place() >= select.options.length - 1;
    later.disabled = place() <= 0;
  };
  const pick = (day) => {
    set(day);
    choose(day);
  };
  select.addEventListener("change", () => pick(select.value));
  earlier.addEventListener("click", () => pick(select.options[place() + 1].value));
  later.addEventListener("click", () => pick(select.options[place() - 1].value));
  return { list, set };
}
