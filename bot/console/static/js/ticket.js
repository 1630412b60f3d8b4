// One ticket: accept, answer, return, dispatch anew. What was typed stays until the server has taken it.
import * as clock from "./clock.js"
import { coalesced, follow } from "./live.js"
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice, openPhotos, watchSession } from "./ui.js"

const { number, steps } = document.querySelector("#main").dataset
const actor = document.querySelector('meta[name="yb-actor"]').content
const answerForm = document.querySelector("[data-answer]")
const returnForm = document.querySelector("[data-return]")
const dispatchForm = document.querySelector("[data-dispatch]")
const draftKey = `yb:${actor}:answer:${number}`
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

if (answerForm) {
  const { text, outcome } = answerForm.elements
  const keep = () => localStorage.setItem(draftKey, text.value)
  text.value ||= localStorage.getItem(draftKey) ?? ""
  if (text.value) keep() // typed before this script ran
  text.addEventListener("input", keep)
  answerForm.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (!outcome.value) return problem(answerForm, t("js_choose_outcome"), outcome[0])
    if (text.value.trim().length < 2) return problem(answerForm, t("js_write_answer"), text)
    const done = await act(answerForm, event.submitter, "answer", { text: text.value, outcome: outcome.value })
    if (done) localStorage.removeItem(draftKey)
  })
}

returnForm?.addEventListener("submit", (event) => {
  event.preventDefault()
  const { why } = returnForm.elements
  if (why.value.trim().length < 2) return problem(returnForm, t("js_write_why"), why)
  act(returnForm, event.submitter, "return", { why: why.value })
})

dispatchForm?.addEventListener("submit", (event) => {
  event.preventDefault()
  const { department, why } = dispatchForm.elements
  if (!department.value) return problem(dispatchForm, t("js_choose_department"), department)
  if (why.value.trim().length < 2) return problem(dispatchForm, t("js_write_dispatch_why"), why)
  act(dispatchForm, event.submitter, "dispatch", { department: department.value, why: why.value })
})

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
    location.reload()
    return true
  } catch (failure) {
    problem(place, failure.message)
    button.disabled = false
    return false
  }
}

function problem(place, words, field) {
  const box = place.querySelector(".problem")
  box.textContent = words
  box.hidden = false
  field?.focus()
}
