// One ticket: accept, return, dispatch anew, the rarer moves; the answer is in ticket_answer.js. Words of a form outlast a
// reload of this tab, as a page that a colleague has overtaken has to be loaded anew.
import * as clock from "./clock.js"
import { coalesced, follow } from "./live.js"
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice, openPhotos, watchSession } from "./ui.js"

const { number, steps } = document.querySelector("#main").dataset
const actor = document.querySelector('meta[name="yb-actor"]').content
document.querySelector("[data-back]").search = sessionStorage.getItem("yb:tickets") ?? ""
const returnForm = document.querySelector("[data-return]")
const dispatchForm = document.querySelector("[data-dispatch]")
const OVERTAKEN = 409 // somebody else was first
const homes = new Map() // where a form's problem stands when it is about no field
const path = (verb) => `/console/api/tickets/${number}/${verb}`

clock.start()
watchSession()
openPhotos()
const compare = coalesced(async () => {
  const answer = await get(`/console/api/tickets/${number}`).catch(() => null)
  if (answer && answer.steps > Number(steps)) {
    notice(t("js_ticket_changed"), { link: { href: location.pathname, words: t("js_reload") }, stay: true })
  }
})
follow({ changed: (topics) => { if (topics.has("tickets")) compare() }, afresh: compare })

document.querySelector("[data-accept]")?.addEventListener("click", (event) => {
  act(event.target.closest("section"), event.target, "accept", {})
})

returnForm?.addEventListener("submit", (event) => {
  event.preventDefault()
  const { why } = returnForm.elements
  if (why.value.trim().length < 2) return problem(returnForm, t("js_write_why"), why)
  act(returnForm, event.submitter, "return", { why: why.value, proposed: returnForm.elements.proposed.value })
})

dispatchForm?.addEventListener("submit", (event) => {
  event.preventDefault()
  const { department, why } = dispatchForm.elements
  if (!department.value) return problem(dispatchForm, t("js_choose_department"), department)
  if (why.value.trim().length < 2) return problem(dispatchForm, t("js_write_dispatch_why"), why)
  act(dispatchForm, event.submitter, "dispatch", { department: department.value, why: why.value })
})

for (const form of document.querySelectorAll("[data-move], [data-return], [data-dispatch]")) {
  restore(form)
  form.addEventListener("input", () => keep(form))
}

for (const form of document.querySelectorAll("[data-move]")) {
  form.addEventListener("change", ({ target }) => {
    if (target.dataset.fills) document.getElementById(target.dataset.fills).value = target.value
  })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const empty = [...form.querySelectorAll("[required]")].find((field) => !field.value.trim() || !field.validity.valid)
    if (empty) return problem(form, empty.dataset.missing, empty)
    act(form, event.submitter ?? form.querySelector("[type=submit]"), form.dataset.move, fieldsOf(form, event.submitter))
  })
}

function fieldsOf(form, pressed) {
  const named = [...form.elements].filter((field) => field.name && (field.type !== "radio" || field.checked))
  const sent = named.filter((field) => field.type !== "submit" || field === pressed)
  return Object.fromEntries(sent.map((field) => [field.name, valueOf(field)]))
}

function valueOf(field) {
  if ("flag" in field.dataset) return field.value === "true"
  return field.type === "number" || "number" in field.dataset ? Number(field.value) : field.value
}

document.querySelector("#show-contact")?.addEventListener("click", async (event) => {
  try {
    document.querySelector("#reach").innerHTML = (await post(path("contact"))).html
    event.target.remove()
  } catch (failure) {
    notice(failure.message)
  }
})

document.querySelector(".doing").inert = false // everything in it works from here on

async function act(place, button, verb, body) {
  button.disabled = true
  try {
    await post(path(verb), body)
    sessionStorage.removeItem(keptAs(place))
    location.reload()
  } catch (failure) {
    problem(place, failure.message, null, failure.status === OVERTAKEN)
    button.disabled = false
  }
}

// At the field it is about, else above the button; a page that was overtaken can be loaded anew.
function problem(place, words, field = null, overtaken = false) {
  const box = place.querySelector(".problem")
  if (!homes.has(box)) homes.set(box, box.nextElementSibling)
  place.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid")
  box.textContent = words
  if (overtaken) box.append(" ", Object.assign(document.createElement("a"), { href: location.pathname, textContent: t("js_reload") }))
  box.hidden = false
  if (!field) return homes.get(box)?.before(box)
  field.after(box)
  box.id = `${field.id}-problem`
  field.setAttribute("aria-invalid", "true")
  field.setAttribute("aria-describedby", box.id)
  field.focus()
}

function keptAs(place) {
  return `yb:${actor}:move:${number}:${written(place)[0]?.id ?? ""}`
}

function written(place) {
  return [...place.querySelectorAll("textarea, select, input[type=number], input:not([type])")]
}

function keep(form) {
  sessionStorage.setItem(keptAs(form), JSON.stringify(written(form).map((field) => field.value)))
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(keptAs(form)) ?? "[]")
  if (!kept.some((words, n) => words && written(form)[n]?.tagName !== "SELECT")) return
  written(form).forEach((field, n) => { field.value = kept[n] ?? "" })
  for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true
}
