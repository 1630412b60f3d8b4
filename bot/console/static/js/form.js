// What forms in dialogs share: problems beside their fields, one sending at a time, ids that make a repeat harmless.

// Words beside the fields they are about, and `message` at the foot; none of both clears all.
export function showProblems(form, fields = {}, message = "") {
  for (const place of form.querySelectorAll("[data-problem]")) {
    const words = place.dataset.problem ? fields[place.dataset.problem] ?? "" : message
    place.textContent = words
    place.hidden = !words
    form.querySelector(`[aria-describedby="${place.id}"]`)?.setAttribute("aria-invalid", String(Boolean(words)))
  }
  form.querySelector('[aria-invalid="true"]')?.focus()
}

// Whatever is pressed meanwhile, one thing is sent at a time.
export async function sendOnce(form, send) {
  if (form.dataset.busy) return
  form.dataset.busy = "1"
  const button = form.querySelector("[type=submit]")
  button.disabled = true
  try {
    await send()
  } finally {
    delete form.dataset.busy
    button.disabled = false
  }
}

// crypto.randomUUID needs https; a console on a plain intranet address has none.
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
