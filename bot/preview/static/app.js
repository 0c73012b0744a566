// The page as a whole: loads the day's channel, and brings the picker, the search and the command box to life.

import { get, latest, post } from "./api.js";
import { startCommandBox } from "./commandbox.js";
import { formatDay, startDayPicker } from "./days.js";
import { element } from "./markup.js";
import { BOT, makeFailure, makeMessage, makePending } from "./messages.js";
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

function startDays(days) {
  const papers = new Map(days.map((each) => [each.day, each.papers]));
  const asked = () => {
    const day = new URLSearchParams(location.search).get("day");
    return papers.has(day) ? day : days[0].day;
  };
  const open = (day) => {
    showDay(day, papers.get(day));
    find("channel").scrollTo({ top: 0 });
  };
  const picker = startDayPicker({ select: find("day"), earlier: find("earlier"), later: find("later") }, days, (day) => {
    history.pushState(null, "", `?day=${day}`);
    open(day);
  });
  const follow = () => {
    picker.set(asked());
    open(asked());
  };
  addEventListener("popstate", follow);
  follow();
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

async function start() {
  try {
    const [{ days, notice }, { commands }] = await Promise.all([get("/api/days"), get("/api/commands")]);
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
    find("empty").hidden = days.length > 0;
    find("divider").hidden = days.length === 0;
    if (days.length) startDays(days);
  } catch (error) {
    channel.replaceChildren(element("li", { class: "note" }, makeFailure(error.message, start)));
  }
}

start();
