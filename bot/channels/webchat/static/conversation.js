// The one conversation of this browser: begun with the first message, begun anew when its token is gone.

import * as api from "./api.js";
import { language } from "./language.js";
import { onOtherTab, read, remove, write } from "./storage.js";

const KEY = "conversation";
let starting = null;
let told = null; // language the hotline was last told
const listeners = [];

/** {id, token}, or null before the first message. */
export function current() {
  return read(KEY);
}

/** A file's address as a link can carry it: links send no headers. */
export function withToken(url) {
  if (!current()) return url;
  return `${url}${url.includes("?") ? "&" : "?"}token=${encodeURIComponent(current().token)}`;
}

/** `changed()` when the conversation is another one than before: begun, ended, or changed in another tab. */
export function onConversation(changed) {
  listeners.push(changed);
}

/** The conversation, begun if there is none. */
export function ensure() {
  if (current()) return Promise.resolve(current());
  if (!starting) {
    starting = begin().finally(() => {
      starting = null;
    });
  }
  return starting;
}

/** The hotline no longer knows `conversation`, or the citizen wants it off this device. */
export function forget(conversation = current()) {
  const kept = current();
  if (!kept || !conversation || kept.id !== conversation.id) return;
  remove(KEY);
  announce();
}

/** Tell the hotline which language to answer in. A failure is made up for before the next message. */
export async function tellLanguage() {
  const conversation = current();
  if (!conversation || told === language()) return;
  const wanted = language();
  await api.setLanguage(conversation, wanted);
  told = wanted;
}

/** The language the page had when it was loaded is what the hotline knows already. */
export function assumeLanguage() {
  if (current()) told = language();
}

onOtherTab((key) => {
  if (key === KEY) announce();
});

async function begin() {
  const wanted = language();
  const { id, token } = await api.create(wanted);
  if (current()) return current(); // another tab was faster
  told = wanted;
  write(KEY, { id, token });
  announce();
  return current();
}

function announce() {
  listeners.forEach((changed) => changed());
}
