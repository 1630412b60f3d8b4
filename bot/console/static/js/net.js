// Fetching with words for what goes wrong. A Failure says whether trying again can help.
import { t } from "./texts.js"

const csrf = document.querySelector('meta[name="yb-csrf"]')?.content ?? ""
const PATIENCE_MS = 15000
const UPLOAD_MS = 90000

export class Failure extends Error {
  constructor(message, status = 0, fields = {}) {
    super(message)
    this.status = status
    this.fields = fields // what is wrong with which field of a form
  }

  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 429
  }
}

export function get(path) {
  return call(path, { headers: { Accept: "application/json" } })
}

let before = Promise.resolve()

// Changes reach the server in the order they were made: a reply never overtakes the claim it needs.
export function post(path, body = {}) {
  const sent = before.then(() => call(path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  }))
  before = sent.catch(() => {})
  return sent
}

// What may overtake and be overtaken: hints that are worthless later. `signal` gives one up.
export function hint(path, body = {}, signal = undefined) {
  return call(path, {
    method: "POST",
    signal,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  })
}

export function upload(path, form) {
  return call(path, { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrf }, body: form }, UPLOAD_MS)
}

async function call(path, options, patience = PATIENCE_MS) {
  let response
  const patient = AbortSignal.timeout(patience)
  const signal = options.signal ? AbortSignal.any([options.signal, patient]) : patient
  try {
    response = await fetch(path, { ...options, credentials: "same-origin", signal })
  } catch {
    throw new Failure(t("js_no_network"))
  }
  const answer = await response.json().catch(() => ({}))
  if (response.status === 401) window.dispatchEvent(new Event("yb:signed-out"))
  if (!response.ok) throw new Failure(answer.error?.message ?? t("js_server_failed"), response.status, answer.error?.fields)
  return answer
}
