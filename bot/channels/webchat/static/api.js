// The conversation API over HTTP. No state but the difference between the hotline's clock and this device's.

import { language as spoken } from "./language.js";

const BASE = "/api/v1/conversations";
const PATIENCE = 20 * 1000;
let skew = 0;

/** The call did not succeed. `status` 0: no answer at all. `message` is fit to show, or empty. */
export class ApiError extends Error {
  constructor(status, { message = "", key = "", retryAfter = 0 } = {}) {
    super(message);
    Object.assign(this, { status, key, retryAfter });
  }

  /** The token is not (any longer) good for the conversation. A proxy's 404 has no key and costs nobody the token. */
  get gone() {
    return this.key !== "" && [401, 403, 404].includes(this.status);
  }

  /** Trying the same again cannot help. */
  get refused() {
    return this.status >= 400 && this.status < 500 && ![401, 403, 404, 408, 425, 429].includes(this.status);
  }
}

/** Now by the hotline's clock, in milliseconds: phones are wrong by minutes. */
export function now() {
  return Date.now() + skew;
}

export function create(language) {
  return call("POST", BASE, { json: { language } });
}

/** `item` as the outbox keeps it; `photo` is a Blob or null. Resolves to {id, seq, duplicate}. */
export function send(conversation, item, photo) {
  const path = `${BASE}/${conversation.id}/messages`;
  if (item.kind === "photo") return call("POST", path, { conversation, form: photoForm(item, photo), patience: 90 * 1000 });
  const json = { client_message_id: item.id };
  if (item.kind === "choice") json.choice = item.choice;
  else if (item.kind === "location") json.location = item.location;
  else json.text = item.text;
  return call("POST", path, { conversation, json });
}

/** {messages, seen}: those after `after`, waiting up to `wait` seconds for one, and the last one an operator has read. */
export function messages(conversation, after, wait = 0, signal = null) {
  const path = `${BASE}/${conversation.id}/messages?after=${after}&wait=${wait}`;
  return call("GET", path, { conversation, patience: PATIENCE + wait * 1000, signal });
}

export function setLanguage(conversation, language) {
  return call("POST", `${BASE}/${conversation.id}/language`, { conversation, json: { language } });
}

/** The page has shown everything up to number `seq`. */
export function tellSeen(conversation, seq) {
  return call("POST", `${BASE}/${conversation.id}/seen`, { conversation, json: { seq } });
}

/** The citizen is writing. Resolves to {heard}: whether a human is there to be told. */
export function tellWriting(conversation) {
  return call("POST", `${BASE}/${conversation.id}/typing`, { conversation });
}

/** Server-sent events from `after` on. EventSource sends no headers: here alone the token is part of the address. */
export function events(conversation, after) {
  const token = encodeURIComponent(conversation.token);
  return new EventSource(`${BASE}/${conversation.id}/events?after=${after}&token=${token}`);
}

/** A photo of the conversation as a Blob. */
export async function photo(conversation, url) {
  const response = await fetch(url, { headers: bearer(conversation), credentials: "omit" });
  if (!response.ok) throw new ApiError(response.status);
  return response.blob();
}

async function call(method, path, { conversation = null, json = null, form = null, patience = PATIENCE, signal = null } = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  const cancel = () => controller.abort();
  if (signal) signal.addEventListener("abort", cancel);
  const headers = { "Accept-Language": spoken(), ...bearer(conversation) };
  if (json) headers["Content-Type"] = "application/json";
  try {
    const body = json ? JSON.stringify(json) : form;
    const response = await fetch(path, { method, headers, body, signal: controller.signal, credentials: "omit", cache: "no-store" });
    noteClock(response);
    if (!response.ok) throw await failure(response);
    return await response.json();
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0);
  } finally {
    clearTimeout(timer);
    if (signal) signal.removeEventListener("abort", cancel);
  }
}

function bearer(conversation) {
  return conversation ? { Authorization: `Bearer ${conversation.token}` } : {};
}

function photoForm(item, blob) {
  const form = new FormData();
  form.append("client_message_id", item.id);
  form.append("photo", blob, blob.type === "image/jpeg" ? "photo.jpg" : "photo");
  if (item.text) form.append("text", item.text);
  return form;
}

async function failure(response) {
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  try {
    const { key, message } = (await response.json()).error;
    return new ApiError(response.status, { key, message, retryAfter });
  } catch (notOurs) {
    return new ApiError(response.status, { retryAfter });
  }
}

function noteClock(response) {
  const theirs = Date.parse(response.headers.get("Date") || "");
  if (!Number.isNaN(theirs) && Math.abs(theirs - Date.now()) > 5000) skew = theirs - Date.now();
}
