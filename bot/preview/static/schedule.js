// The page's own digests: what is subscribed and when it comes next, and what arrived, which appears by itself.

import { get, post } from "./api.js";
import { element, renderMarkdown } from "./markup.js";
import { makeFailure } from "./messages.js";
import { startSubscribing } from "./subscribe.js";

const POLL_MILLISECONDS = 2000;
const WHEN = { weekday: "short", hour: "2-digit", minute: "2-digit" };

/**
 * Bring the section to life.
 *
 * `make(envelope, isContinued)` makes a message's item, `answer(envelope, words)` shows a private one, `refresh()` is
 * called when posts have come or changed.
 */
export function startSchedule({ make, answer, announce, refresh }) {
  const find = (id) => document.getElementById(id);
  const [section, details, summary, next, standing, arrived, divider, trouble] =
    ["schedule", "schedule-details", "schedule-summary", "schedule-next", "standing", "arrived", "arrived-divider",
      "schedule-trouble"].map(find);
  const state = { ahead: 0, tag: null, posts: undefined, items: new Map(), standing: [], lost: "" };
  const now = () => Date.now() + state.ahead;

  const form = startSubscribing(find("schedule-form"), {
    now,
    added: () => {
      details.open = false;
      summary.focus();
      update().then(() => announce(`Subscribed. ${next.textContent}`));
    },
  });

  // ── What is subscribed ──

  const act = async (item, button, work) => {
    button.disabled = true;
    item.querySelector(".failure")?.remove();
    try {
      await work();
    } catch (error) {
      item.append(makeFailure(error.message, () => act(item, button, work)));
    }
    button.disabled = false;
  };
  const renderStanding = ({ id }) => {
    const why = element("button", { type: "button", class: "text-button" }, "Why?");
    const stop = element("button", { type: "button", class: "text-button" }, "Stop");
    const item = element(
      "li", { class: "standing" }, element("div", { class: "markup" }),
      element("p", { class: "standing-next" }), element("p", { class: "standing-acts" }, why, " · ", stop),
    );
    why.addEventListener("click", () => act(item, why, async () => {
      answer(await get("/api/schedule/why", { id }), { verb: "pressed", words: "Why?" });
    }));
    stop.addEventListener("click", () => act(item, stop, async () => {
      await post("/api/schedule/stop", { id });
      await update();
      summary.focus();
      announce("Stopped. What arrived stays.");
    }));
    return item;
  };
  // Each stays the same element as long as it is subscribed, so that the focus stays where it is.
  const showStanding = (all) => {
    const known = state.standing;
    state.standing = all.map((value) => {
      const before = known.find((each) => each.value.id === value.id);
      const item = before?.item ?? renderStanding(value);
      const lines = value.lines.join("\n");
      if (before?.value.lines.join("\n") !== lines) item.firstChild.replaceChildren(renderMarkdown(lines));
      return { value, item };
    });
    place(standing, state.standing);
    standing.hidden = all.length === 0;
  };

  // ── What arrived ──

  const showArrived = (all) => {
    const isFirst = state.tag === null;
    const items = new Map();
    let fresh = 0;
    for (const each of all) {
      const key = JSON.stringify(each);
      const known = state.items.get(each.id);
      if (known?.key === key) items.set(each.id, known);
      else {
        const item = make(each, each.is_continued);
        if (!isFirst && !known) {
          item.classList.add("fresh");
          fresh += 1;
        }
        items.set(each.id, { key, item });
      }
    }
    place(arrived, [...items.values()]);
    state.items = items;
    divider.hidden = all.length === 0;
    if (!fresh) return;
    announce("A digest arrived.");
    if (isInView(section) && !isInView(arrived.firstChild)) divider.scrollIntoView({ block: "start" });
  };

  // ── Time ──

  const tick = () => {
    form.tick();
    for (const { value, item } of state.standing) write(item.querySelector(".standing-next"), describeNext(value, now()));
    write(next, state.lost || summarize(state.standing.map(({ value }) => value), now()));
  };
  const take = (found, asked) => {
    state.ahead = Date.parse(found.now) - (asked + Date.now()) / 2;
    state.lost = "";
    trouble.textContent = found.trouble;
    trouble.hidden = !found.trouble;
    showStanding(found.standing);
    if (found.arrived) showArrived(found.arrived);
    state.tag = found.tag;
    if (state.posts === undefined) state.posts = found.posts;
    else if (state.posts !== found.posts) refresh().then(() => (state.posts = found.posts), () => {}); // else the next time
    section.hidden = false;
  };
  let inHand = null;
  const update = () => {
    inHand = (inHand ?? Promise.resolve()).then(async () => {
      const asked = Date.now();
      try {
        take(await get("/api/schedule", { known: state.tag }), asked);
      } catch (error) {
        state.lost = error.message;
      }
      tick();
    });
    return inHand;
  };
  const poll = async () => {
    await update();
    setTimeout(poll, POLL_MILLISECONDS);
  };
  setInterval(tick, 1000);
  return poll();
}

// ── Elements and words ──

// Put items into a list in their order, touching none that is in its place already.
function place(list, items) {
  const wanted = items.map(({ item }) => item);
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
}

function isInView(node) {
  const { top } = node.getBoundingClientRect();
  return top >= 0 && top < innerHeight - 200; // the command box covers the end
}

function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

function summarize(standing, now) {
  if (!standing.length) return "Subscribe, and one arrives here on schedule.";
  if (standing.some(({ state }) => state === "on its way")) return "A digest is on its way…";
  const coming = standing.filter(({ state }) => state === "coming").map(({ next_at }) => Date.parse(next_at));
  if (coming.length) return `Next digest ${formatCountdown(Math.min(...coming), now)}`;
  if (standing.every(({ state }) => state === "paused")) return "Paused";
  return "The next digest comes with the next post.";
}

function describeNext({ state, next_at, reason, is_own }, now) {
  const whose = is_own ? "Your own; Discord brings it by direct message. " : "";
  if (state === "paused") return `${whose}Paused.`;
  if (state === "on its way") return `${whose}On its way…`;
  if (state === "coming") return `${whose}Next digest ${formatCountdown(Date.parse(next_at), now)}.`;
  const when = next_at ? ` Not before ${new Date(next_at).toLocaleString(undefined, WHEN)}.` : "";
  return `${whose}Waiting for the next post: ${reason}.${when}`;
}

function formatCountdown(moment, now) {
  const seconds = Math.ceil((moment - now) / 1000);
  if (seconds <= 0) return "any moment now";
  if (seconds < 100) return `in ${seconds} s`;
  if (seconds < 5400) return `in ${Math.round(seconds / 60)} min`;
  return `on ${new Date(moment).toLocaleString(undefined, WHEN)}`;
}
