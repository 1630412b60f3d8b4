// A document in the conversation: its name, how big it is, and a link that opens it.

import { withToken } from "./conversation.js";
import { el } from "./dom.js";
import { t } from "./language.js";

/** `file` as the API tells it: {name, size, url}. */
export function paper(file) {
  const href = withToken(file.url);
  const facts = `${kind(file.name)} · ${size(file.size)}`;
  return el(
    "a",
    { class: "paper", href, target: "_blank", rel: "noopener noreferrer", download: file.name },
    el("span", { class: "paper-name" }, file.name),
    el("span", { class: "paper-facts" }, `${facts} · ${t("paperOpen")}`)
  );
}

function kind(name) {
  return name.includes(".") ? name.split(".").pop().toUpperCase() : t("paper");
}

function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
