// Shows messages as Discord's rows: who, when, the payload's text and components, and what a press leads to.

import { post } from "./api.js";
import { renderComponents, renderIcon } from "./components.js";
import { element, formatSent, formatTime, renderMarkdown } from "./markup.js";

const EPHEMERAL = 1 << 6;
const COMPONENTS_V2 = 1 << 15;
export const BOT = "Hot Papers";

/**
 * Return a list item for a message.
 *
 * `envelope` is {payload, at}; `origin` is what it answers, e.g. {verb: "used", words: "/top"}; `grouped` leaves out the header, as for
 * a message right after another; `answer(envelope, origin)` takes the new private messages that presses give.
 */
export function makeMessage(envelope, { origin = null, grouped = false, answer, announce, dismissed = () => {} }) {
  const item = element("li", { class: "message", tabindex: -1 });
  const draw = (current) => {
    const press = (customId, button) => pressButton(item, customId, button, { draw, answer, announce });
    const isPrivate = Boolean(current.payload.flags & EPHEMERAL);
    item.classList.toggle("private", isPrivate);
    item.classList.toggle("grouped", grouped && !origin);
    item.replaceChildren(
      ...(origin ? [renderOrigin(origin)] : []),
      element("img", { class: "avatar", src: "/static/avatar.svg", alt: "" }),
      element(
        "div", { class: "body" }, renderHeader(new Date(current.at)), ...renderPayload(current.payload, press),
        ...(isPrivate ? [renderPrivateNote(item, dismissed)] : []), renderDisclosure(current.payload),
      ),
    );
  };
  draw(envelope);
  return item;
}

/** Return a list item that waits for an answer, as Discord shows one. */
export function makePending(origin) {
  const dots = element("span", { class: "dots", "aria-hidden": true }, element("i"), element("i"), element("i"));
  const words = element("p", { class: "thinking" }, dots, `${BOT} is thinking…`);
  const body = element("div", { class: "body" }, renderHeader(new Date()), words);
  const avatar = element("img", { class: "avatar", src: "/static/avatar.svg", alt: "" });
  return element("li", { class: "message private", tabindex: -1 }, renderOrigin(origin), avatar, body);
}

/** Return a line that says what failed, with a button to try again. */
export function makeFailure(message, retry) {
  const again = element("button", { type: "button", class: "text-button" }, "Try again");
  const line = element("p", { class: "failure", role: "alert" }, renderIcon("warning"), element("span", {}, message), again);
  again.addEventListener("click", () => {
    line.remove();
    retry();
  });
  return line;
}

function renderOrigin(origin) {
  return element("p", { class: "origin" }, `You ${origin.verb} `, element("b", {}, origin.words));
}

function renderHeader(when) {
  return element(
    "p", { class: "byline" }, element("span", { class: "author" }, BOT), element("span", { class: "tag" }, "APP"),
    element("time", { datetime: when.toISOString(), title: formatTime(when, "F") }, formatSent(when)),
  );
}

function renderPayload(payload, press) {
  const parts = payload.content ? [element("div", { class: "markup content" }, renderMarkdown(payload.content))] : [];
  const components = renderComponents(payload.components ?? [], press);
  return components.length ? [...parts, element("div", { class: "components" }, ...components)] : parts;
}

function renderPrivateNote(item, dismissed) {
  const dismiss = element("button", { type: "button", class: "text-button" }, "Dismiss message");
  dismiss.addEventListener("click", () => {
    item.remove();
    dismissed();
  });
  return element("p", { class: "private-note" }, renderIcon("eye"), "Only you can see this · ", dismiss);
}

// ── The payload itself, for those who build on Discord ──

function renderDisclosure(payload) {
  const summary = element("summary", {}, `Payload · ${measure(payload)}`);
  const details = element("details", { class: "payload" }, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) {
      const text = JSON.stringify(payload, null, 2);
      details.append(element("pre", { tabindex: 0, "aria-label": "The JSON that Discord gets" }, text));
    }
  });
  return details;
}

function measure(payload) {
  const all = [...walk(payload.components ?? [])];
  const texts = [payload.content ?? "", ...all.map((component) => component.content ?? "")];
  const characters = texts.reduce((sum, text) => sum + [...text].length, 0).toLocaleString("en");
  if (!(payload.flags & COMPONENTS_V2)) return `${characters} of 2,000 characters`;
  return `${characters} of 4,000 characters, ${all.length} of 40 components`;
}

function* walk(components) {
  for (const component of components) {
    yield component;
    yield* walk(component.components ?? []);
    if (component.accessory) yield* walk([component.accessory]);
  }
}

// ── Presses ──

async function pressButton(item, customId, button, { draw, answer, announce }) {
  if (item.getAttribute("aria-busy") === "true") return;
  item.querySelector(".failure")?.remove();
  setBusy(item, button, true);
  try {
    const reply = await post("/api/press", { custom_id: customId });
    setBusy(item, button, false);
    if (reply.replaces) {
      const place = rememberPlace(item, button);
      draw(reply);
      restorePlace(item, place);
      announce("The message changed.");
    } else answer(reply, { verb: "pressed", words: button.textContent });
  } catch (error) {
    setBusy(item, button, false);
    const retry = () => pressButton(item, customId, button, { draw, answer, announce });
    const line = makeFailure(`This interaction failed. ${error.message}`, retry);
    item.querySelector(".components").after(line);
  }
}

function setBusy(item, button, busy) {
  item.setAttribute("aria-busy", String(busy));
  button.classList.toggle("busy", busy);
}

// After an edit the focus stays on the button with the same words, or the same place, so paging by keyboard works.
function rememberPlace(item, button) {
  return { index: [...item.querySelectorAll(".button")].indexOf(button), label: button.textContent };
}

function restorePlace(item, { index, label }) {
  const buttons = [...item.querySelectorAll(".button")].filter((button) => !button.disabled);
  const same = buttons.find((button) => button.textContent === label);
  (same ?? buttons[Math.min(index, buttons.length - 1)] ?? item).focus({ preventScroll: true });
}
