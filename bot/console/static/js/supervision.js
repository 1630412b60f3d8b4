// Supervision, live; a reply that is being written is not taken from under the hand.
import * as clock from "./clock.js"
import { sendOnce } from "./form.js"
import { coalesced, follow } from "./live.js"
import { get, post } from "./net.js"
import { watchSession } from "./ui.js"

const place = document.querySelector("#supervision")
const SOON_MS = 1000
let html = null
let again = 0

// A field somebody is in, a reply begun, one on its way, or the words about what is missing in it, stay.
function writing() {
  const hand = place.querySelector("textarea:focus")
  if (hand) again = setTimeout(refresh, SOON_MS)
  return Boolean(hand) || place.querySelector(".problem:not([hidden]), [data-busy]") !== null
    || [...place.querySelectorAll("textarea")].some((field) => field.value.trim())
}

const refresh = coalesced(async () => {
  clearTimeout(again)
  if (writing()) return
  const answer = await get(`/console/api/supervision${location.search}`).catch(() => null)
  if (!answer || answer.html === html || writing()) return
  const open = place.querySelector("details")?.open
  place.innerHTML = html = answer.html
  if (open && place.querySelector("details")) place.querySelector("details").open = true
  clock.tick()
})

place.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-post]")
  if (!form) return
  event.preventDefault()
  sendOnce(form, async () => {
    try {
      await post(form.dataset.post, { text: form.elements.text.value })
      form.elements.text.value = ""
      form.querySelector(".problem").hidden = true
      refresh()
    } catch (failure) {
      const problem = form.querySelector(".problem")
      problem.textContent = failure.message
      problem.hidden = false
      form.elements.text.focus()
    }
  })
})

clock.start()
watchSession()
follow({ changed: (topics) => { if (topics.has("tickets")) refresh() }, afresh: refresh })
