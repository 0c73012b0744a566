// Shows message components, Discord's building blocks of a message: rows of buttons, and Components V2.
// What a button does is left to the caller: `press(customId, button)`.

import { findHref } from "./markdown.js";
import { element, renderLink, renderMarkdown } from "./markup.js";

const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };
const RENDERERS = {
  1: renderRow, 2: renderButton, 3: renderSelect, 5: renderSelect, 6: renderSelect, 7: renderSelect, 8: renderSelect,
  9: renderSection, 10: renderText, 11: renderMedia, 12: renderGallery, 13: renderFile, 14: renderSeparator,
  17: renderContainer,
};

/** Return the components as elements. */
export function renderComponents(components, press) {
  return components.map((component) => renderComponent(component, press));
}

function renderComponent(component, press) {
  const render = RENDERERS[component.type];
  if (!render) return element("p", { class: "unknown" }, `Component type ${component.type} has no preview.`);
  return render(component, press);
}

function renderRow(row, press) {
  return element("div", { class: "row", role: "group", "aria-label": "Actions" }, ...renderComponents(row.components, press));
}

function renderButton(button, press) {
  const style = `button ${BUTTON_STYLES[button.style] ?? "secondary"}`;
  const content = [];
  if (button.emoji) content.push(renderEmoji(button.emoji));
  if (button.label) content.push(element("span", {}, button.label));
  const href = button.style === 5 ? findHref(button.url ?? "") : null;
  if (href && !button.disabled) {
    const link = renderLink(href, "");
    link.className = style;
    link.append(...content, renderIcon("external"));
    return link;
  }
  const made = element("button", { type: "button", class: style, disabled: button.disabled || !button.custom_id });
  made.append(...content);
  made.addEventListener("click", () => press(button.custom_id, made));
  return made;
}

function renderEmoji(emoji) {
  return element("span", { class: "emoji" }, emoji.id ? `:${emoji.name}:` : emoji.name);
}

// A menu's choice goes to Discord with its values, which this page cannot send: it is shown, not opened.
function renderSelect(select) {
  const hint = select.placeholder ?? "Make a selection";
  const chosen = (select.options ?? []).filter((option) => option.default);
  const options = (select.options ?? []).map((option) => element("option", { selected: option === chosen[0] }, option.label));
  const placeholder = chosen.length ? [] : [element("option", {}, hint)];
  return element("select", { class: "select", disabled: true, "aria-label": hint, title: "This menu opens in Discord" }, ...placeholder, ...options);
}

function renderSection(section, press) {
  const texts = element("div", { class: "section-text" }, ...renderComponents(section.components, press));
  return element("div", { class: "section" }, texts, ...renderComponents([section.accessory], press));
}

function renderText(text) {
  return element("div", { class: "markup" }, renderMarkdown(text.content));
}

// Pictures come from other sites, which this page never asks: their description stands in for them.
function renderMedia(media) {
  const words = media.description ?? "Picture, shown in Discord";
  return element("div", { class: "media", role: "img", "aria-label": words }, renderIcon("picture"), element("span", {}, words));
}

function renderGallery(gallery) {
  return element("div", { class: "gallery" }, ...gallery.items.map(renderMedia));
}

function renderFile(file) {
  return element("div", { class: "media" }, (file.file?.url ?? "file").replace(/^attachment:\/\//, ""));
}

function renderSeparator(separator) {
  const size = separator.spacing === 2 ? "large" : "small";
  return element("hr", { class: `separator ${size}`, "aria-hidden": separator.divider === false, "data-divider": String(separator.divider !== false) });
}

function renderContainer(container, press) {
  const made = element("div", { class: "container" }, ...renderComponents(container.components, press));
  if (Number.isInteger(container.accent_color)) {
    made.classList.add("accented");
    made.style.setProperty("--accent", `#${container.accent_color.toString(16).padStart(6, "0")}`);
  }
  return container.spoiler ? renderCover(made) : made;
}

function renderCover(content) {
  const button = element("button", { type: "button", class: "cover" }, "Spoiler");
  const made = element("div", { class: "covered" }, content, button);
  content.inert = true;
  button.addEventListener("click", () => {
    content.inert = false;
    made.replaceWith(content);
  });
  return made;
}

// ── Icons: drawn here, since the page loads nothing from elsewhere ──

const ICONS = {
  external: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  warning: "M12 3 2 20h20zM12 10v4M12 17h.01",
};

/** Return a small drawing that follows the text's colour; it says nothing to those who hear the page. */
export function renderIcon(name) {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" })) {
    icon.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  icon.append(path);
  return icon;
}
