// Making elements. Words go in as text nodes only, never as HTML.

/** `el("a", {class: "call", href: "tel:110", onclick: f}, "110", child)`; null and false children are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  const kept = children.reduce((all, child) => all.concat(child), []);
  node.append(...kept.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A symbol of icons.svg, for the eye only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/chat/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function empty(node) {
  while (node.firstChild) node.firstChild.remove();
}

export function byId(id) {
  return document.getElementById(id);
}
