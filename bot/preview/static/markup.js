// Turns the tree of markdown.js into DOM, with createElement and text only.

import { parse } from "./markdown.js";

const TAGS = {
  strong: "strong", em: "em", underline: "u", strike: "s", quote: "blockquote", item: "li", subtext: "small",
};

/** Return an element of a tag with attributes and children (nodes or text). */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Return markdown as a fragment, as Discord shows it. */
export function renderMarkdown(text) {
  return renderNodes(parse(text));
}

function renderNodes(nodes) {
  const fragment = document.createDocumentFragment();
  fragment.append(...nodes.map(renderNode));
  return fragment;
}

function renderNode(node) {
  if (node.type === "text") return document.createTextNode(node.text);
  if (node.type === "code") return element("code", {}, node.text);
  if (node.type === "fence") return element("pre", { tabindex: 0 }, element("code", {}, node.text));
  if (node.type === "mention") return element("span", { class: "mention", title: node.source }, node.text);
  if (node.type === "timestamp") return renderTimestamp(node);
  const children = renderNodes(node.children);
  if (node.type === "heading") return element("div", headingRole(node.level), children);
  if (node.type === "list") return renderList(node, children);
  if (node.type === "link") return renderLink(node.href, children, node.title);
  if (node.type === "spoiler") return renderSpoiler(children);
  return element(TAGS[node.type], node.type === "subtext" ? { class: "subtext" } : {}, children);
}

// The page's own headings end at level 2, so a message's headings begin at 3 for those who hear the page.
function headingRole(level) {
  return { class: `h${level}`, role: "heading", "aria-level": level + 2 };
}

function renderList(node, children) {
  return node.ordered ? element("ol", { start: node.start }, children) : element("ul", {}, children);
}

/** Return a link that opens in a new tab; the address shows on hover, as Discord's does. */
export function renderLink(href, children, title) {
  return element("a", { href, target: "_blank", rel: "noopener noreferrer", title: title ?? href }, children);
}

function renderSpoiler(children) {
  const content = element("span", { class: "spoiler-content" }, children);
  const cover = element("span", { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Spoiler: show" }, content);
  content.inert = true;
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (event.type === "keydown") event.preventDefault();
    content.inert = false;
    cover.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) cover.removeAttribute(name);
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", reveal);
  return cover;
}

// ── Times ──

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1],
];

function renderTimestamp({ seconds, style }) {
  const when = new Date(seconds * 1000);
  const shown = style === "R" ? formatRelative(when) : formatTime(when, style);
  return element("time", { class: "timestamp", datetime: when.toISOString(), title: formatTime(when, "F") }, shown);
}

/** Return a time in one of Discord's styles: t T d D f F s S. */
export function formatTime(when, style) {
  return new Intl.DateTimeFormat(undefined, STYLES[style]).format(when);
}

function formatRelative(when) {
  const seconds = (when.getTime() - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** Return when a message was sent as Discord puts it: Today at 09:00, Yesterday at …, or the date. */
export function formatSent(when) {
  const days = Math.round((startOfDay(new Date()) - startOfDay(when)) / 86400000);
  if (days === 0) return `Today at ${formatTime(when, "t")}`;
  if (days === 1) return `Yesterday at ${formatTime(when, "t")}`;
  return formatTime(when, "s");
}

function startOfDay(when) {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate());
}
