// Releasing a question: what looks like personal data is marked while the words are edited, and must go or be cleared.
import { hint, post } from "./net.js"
import { pressedTwice } from "./ui.js"

const { number } = document.querySelector("#main").dataset
const form = document.querySelector("[data-publish]")
const back = document.querySelector("[data-unpublish]")
const path = `/console/api/tickets/${number}`
const PAUSE_MS = 400
const reasons = new Map() // words → why they are no personal data
let waiting = 0
let asked = 0

if (form) {
  const { question, answer } = form.elements
  const place = form.querySelector("[data-finds]")
  const button = form.querySelector("[type=submit]")
  const words = () => ({ question: question.value, answer: answer.value })

  const look = async () => {
    const turn = ++asked
    const found = await hint(`${path}/publish/check`, words()).catch((failure) => { problem(form, failure.message) })
    if (found && turn === asked) show(found.finds)
  }

  const show = (finds) => {
    place.replaceChildren(text("p", finds.length ? place.dataset.some : place.dataset.none))
    const once = new Set()
    for (const find of finds) {
      const line = text("p", `${find.kind} `)
      line.append(...marked(form.elements[find.field].value, find))
      place.append(line)
      if (!once.has(find.words)) place.append(reason(find.words))
      once.add(find.words)
    }
    settle(once)
  }

  const reason = (said) => {
    const label = text("label", place.dataset.clear.replace("{words}", said))
    const field = Object.assign(document.createElement("input"), { value: reasons.get(said) ?? "", maxLength: 200 })
    field.addEventListener("input", () => {
      reasons.set(said, field.value)
      settle(new Set([...place.querySelectorAll("mark")].map((mark) => mark.textContent)))
    })
    label.append(field)
    return label
  }

  const settle = (found) => {
    button.disabled = [...found].some((said) => (reasons.get(said) ?? "").trim().length < 2)
  }

  form.addEventListener("input", ({ target }) => {
    if (target !== question && target !== answer) return
    button.disabled = true
    clearTimeout(waiting)
    waiting = setTimeout(look, PAUSE_MS)
  })
  form.closest("details").addEventListener("toggle", (event) => { if (event.target.open) look() })
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    await act(form, button, "publish", { ...words(), cleared: Object.fromEntries(reasons) })
  })
}

back?.addEventListener("click", () => {
  if (pressedTwice(back)) act(back.parentElement, back, "unpublish", {})
})

async function act(place, button, verb, body) {
  button.disabled = true
  try {
    await post(`${path}/${verb}`, body)
    location.reload()
  } catch (failure) {
    problem(place, failure.message)
    button.disabled = false
  }
}

function marked(whole, { start, end }) {
  // Places are counted in characters as Python counts them, so that signs beyond the basic plane are one.
  const letters = [...whole]
  const around = (from, to) => letters.slice(Math.max(0, from), Math.max(0, to)).join("")
  return [`…${around(start - 10, start)}`, text("mark", around(start, end)), `${around(end, end + 10)}…`]
}

function text(tag, words) {
  return Object.assign(document.createElement(tag), { textContent: words })
}

function problem(place, words) {
  const box = place.querySelector(":scope > .problem")
  box.textContent = words
  box.hidden = false
}
