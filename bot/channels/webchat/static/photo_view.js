// A photo in the conversation. Drawn on a canvas: the page's policy allows no blob: addresses, and the token stays in
// a header instead of the picture's address.

import { current, withToken } from "./conversation.js";
import { el } from "./dom.js";
import { t } from "./language.js";

const WIDEST = 1600;

/** `load(entry)` resolves to the Blob. What was drawn once stays with the entry. */
export function photo(entry, load) {
  const words = t(entry.message.sender === "citizen" ? "photoSent" : "photoGot");
  const frame = el("button", { type: "button", class: "photo", "aria-expanded": "false", "aria-label": words, onclick: grow });
  if (entry.picture) frame.append(entry.picture);
  else whenSeen(frame, () => fill(frame, entry, load, words));
  return frame;
}

/** The Blob's picture as a canvas of at most `widest` pixels a side. Rejects where the browser cannot read it. */
export async function toCanvas(blob, widest) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, widest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff"; // what was transparent would turn black as JPEG
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  if (bitmap.close) bitmap.close();
  return canvas;
}

/** An hour of old photos is not fetched over a phone's network until somebody scrolls there. */
function whenSeen(frame, act) {
  frame.classList.add("empty");
  if (!window.IntersectionObserver) return act();
  const observer = new IntersectionObserver((seen) => {
    if (!seen.some((each) => each.isIntersecting)) return;
    observer.disconnect();
    act();
  });
  observer.observe(frame);
}

async function fill(frame, entry, load, words) {
  try {
    entry.picture = await toCanvas(await load(entry), WIDEST);
    frame.append(entry.picture);
    frame.classList.remove("empty");
  } catch (unreadable) {
    frame.replaceWith(elsewhere(entry.message.photo_url, words));
  }
}

/** The browser cannot draw it here, perhaps it can in a page of its own. */
function elsewhere(url, words) {
  if (!url || !current()) return el("p", { class: "words" }, words);
  return el("a", { class: "words", href: withToken(url), target: "_blank", rel: "noopener noreferrer" }, t("photoOpen"));
}

function grow(event) {
  const frame = event.currentTarget;
  const big = frame.classList.toggle("big");
  frame.setAttribute("aria-expanded", String(big));
}
