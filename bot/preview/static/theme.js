// Light or dark: what the system says, until the button says otherwise; remembered in this browser.
// Runs before the first paint, so it is not a module.
"use strict";

(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // a browser that keeps nothing still shows the page
    }
  };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const remembered = read();
  if (remembered === "dark" || remembered === "light") root.dataset.theme = remembered;

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => button.setAttribute("aria-label", isDark() ? "Switch to light theme" : "Switch to dark theme");
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        // not remembered, yet switched
      }
      name();
    });
    system.addEventListener("change", name);
    name();
  });
})();
