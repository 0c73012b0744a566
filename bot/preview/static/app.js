// The page as a whole: loads the day's channel, and brings the picker, the search and the command box to life.

import { get, latest, post } from "./api.js";
import { startCommandBox } from "./commandbox.js";
import { formatDay, startDayPicker } from "./days.js";
import { element } from "./markup.js";
import { BOT, makeFailure, makeMessage, makePending } from "./messages.js";
import { startSchedule } from "./schedule.js";
import { startSearch } from "./search.js";

const find = (id) => document.getElementById(id);
const [channel, answers, status] = ["digest", "answers", "status"].map(find);

function announce(words) {
  status.textContent = words;
}

// ── Messages ──

const hooks = {
  announce,
  answer: (envelope, origin) => addAnswer(makeAnswer(envelope, origin)),
};

function makeAnswer(envelope, origin) {
  return makeMessage(envelope, { ...hooks, origin, dismissed: () => find("command").focus() });
}

function addAnswer(item) {
  if (!item.isConnected) answers.append(item);
  const panel = find("results-panel");
  if (matchMedia("(max-width: 900px)").matches) panel.hidden = true; // there it would cover the answer
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  item.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  announce(`${BOT} answered. Only you can see it.`);
}

async function sendCommand(text) {
  const origin = { verb: "used", words: text };
  const pending = makePending(origin);
  answers.append(pending);
  pending.scrollIntoView({ block: "nearest" });
  try {
    const envelope = await post("/api/command", { text });
    const item = makeAnswer(envelope, origin);
    pending.replaceWith(item);
    addAnswer(item);
  } catch (error) {
    if (error.refused) {
      pending.remove();
      return error.message;
    }
    const retry = () => {
      pending.remove();
      sendCommand(text);
    };
    pending.querySelector(".thinking").replaceWith(makeFailure(error.message, retry));
  }
  return null;
}

// ── The day ──

const showDay = latest(async (signal, day, papers) => {
  channel.setAttribute("aria-busy", "true");
  find("divider").hidden = false;
  find("divider-words").textContent = `Digest of ${formatDay(day)} · ${papers} ${papers === 1 ? "paper" : "papers"}`;
  try {
    const { messages } = await get("/api/channel", { day }, { signal });
    channel.replaceChildren(...messages.map((each, index) => makeMessage(each, { ...hooks, grouped: index > 0 })));
    announce(`Showing the digest of ${formatDay(day)}.`);
  } catch (error) {
    if (signal.aborted) return;
    channel.replaceChildren(element("li", { class: "note" }, makeFailure(error.message, () => showDay(day, papers))));
  }
  channel.removeAttribute("aria-busy");
}, 0);

// Brings the picker to life; what it returns takes the days anew, when posts have come or changed.
function startDays() {
  const state = { days: [], shown: null };
  const has = (day) => state.days.some((each) => each.day === day);
  const asked = () => {
    const day = new URLSearchParams(location.search).get("day");
    return has(day) ? day : state.days[0]?.day;
  };
  const open = (day) => {
    state.shown = day;
    showDay(day, state.days.find((each) => each.day === day).papers);
  };
  const top = () => find("channel").scrollTo({ top: 0 });
  const picker = startDayPicker({ select: find("day"), earlier: find("earlier"), later: find("later") }, (day) => {
    history.pushState(null, "", `?day=${day}`);
    open(day);
    top();
  });
  const follow = () => {
    if (!state.days.length) return;
    picker.set(asked());
    open(asked());
  };
  addEventListener("popstate", () => {
    follow();
    top();
  });
  return (days) => {
    state.days = days;
    find("empty").hidden = days.length > 0;
    picker.list(days);
    follow();
  };
}

// ── Commands to try ──

function startCommands(commands) {
  const parts = { form: find("command-form"), input: find("command"), list: find("completions"), error: find("command-error") };
  const box = startCommandBox(parts, commands, sendCommand);
  const chips = commands.map((command) => {
    const needed = command.options.find((option) => option.required);
    const line = needed ? `/${command.name} ${needed.name}:` : `/${command.name}`;
    const chip = element("button", { type: "button", class: "chip", title: command.description }, line);
    chip.addEventListener("click", () => {
      box.fill(line);
      if (!needed) box.submit();
    });
    return element("li", {}, chip);
  });
  find("examples").replaceChildren(...chips);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.fill(parts.input.value || "/");
  });
}

function startDigests(showDays) {
  startSchedule({
    announce,
    make: (envelope, grouped) => makeMessage(envelope, { ...hooks, grouped }),
    answer: (envelope, origin) => addAnswer(makeAnswer(envelope, origin)),
    refresh: async () => showDays((await get("/api/days")).days),
  });
}

async function start() {
  try {
    const [{ days, notice, schedule }, { commands }] = await Promise.all([get("/api/days"), get("/api/commands")]);
    find("notice").textContent = notice ?? "";
    find("notice").hidden = !notice;
    startCommands(commands);
    const [field, panel, suggestions, results, close] =
      ["search", "results-panel", "suggestions", "results", "results-close"].map(find);
    startSearch({ field, panel, suggestions, results, close }, {
      make: (envelope) => makeMessage(envelope, { ...hooks, dismissed: () => close.click() }),
      choose: (value) => sendCommand(`/search query:"${value.replaceAll('"', "")}"`),
      announce,
    });
    const showDays = startDays();
    showDays(days);
    if (schedule) startDigests(showDays);
  } catch (error) {
    channel.replaceChildren(element("li", { class: "note" }, makeFailure(error.message, start)));
  }
}

start();
