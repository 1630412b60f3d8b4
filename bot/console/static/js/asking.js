// The dialogs of an opened conversation: transfer, merge, correct the matter, end. Each opens by its key or button, works
// by keyboard alone, and gives the focus back.
import { get, post } from "./net.js"
import { t } from "./texts.js"
import { notice } from "./ui.js"
import { listbox } from "./listbox.js"
import * as composer from "./composer.js"
import * as conversation from "./conversation.js"
import * as queue from "./queue.js"

const SEARCH_AFTER_MS = 150
const box = (id) => document.querySelector(`#${id}`)
const OPENERS = { transfer: openTransfer, merge: openMerge, correct: openCorrect, ending: openEnding }
let handoff = ""
let message = ""

export function start() {
  for (const id of Object.keys(OPENERS)) {
    const dialog = box(id)
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
    dialog.addEventListener("close", somewhere)
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask]")
    if (button) ask(button.dataset.ask)
  })
  box("transfer").querySelector("form").addEventListener("submit", transfer)
  box("ending").addEventListener("click", (event) => end(event.target.closest("[data-outcome]")))
  box("ending").addEventListener("keydown", endingKey)
}

// Nothing happens where the button for it is not there: what may not be done has no key either.
export function ask(name) {
  if (!document.querySelector(`[data-ask="${name}"]`)) return
  handoff = conversation.facts().handoff
  problem(box(name), "")
  OPENERS[name]()
}

async function openTransfer() {
  const answer = await get(`/console/api/handoffs/${handoff}/transfer`).catch((failure) => notice(failure.message))
  if (!answer) return
  box("transfer-choices").innerHTML = answer.html
  box("transfer-why").value = ""
  box("transfer").showModal()
  const first = box("transfer").querySelector("input[type=radio]:not(:disabled)")
  if (first) { first.checked = true; first.focus() }
}

async function transfer(event) {
  event.preventDefault()
  const dialog = box("transfer")
  const to = dialog.querySelector("input[name=to]:checked")?.value
  if (!to) return problem(dialog, t("js_choose_colleague"))
  await act(dialog, `/console/api/handoffs/${handoff}/transfer`, { to, why: box("transfer-why").value }, "js_transferred")
}

const mergeWords = box("merge-words")
const mergeList = listbox(mergeWords, box("merge-list"), { chosen: merge, picks: true })
const correctWords = box("correct-words")
const correctList = listbox(correctWords, box("correct-list"), { chosen: correct, picks: true })
searches(mergeWords, mergeList, searchKin)
searches(correctWords, correctList, searchItems)
box("merge").querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); merge(mergeList.current()) })
box("correct").querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); correct(correctList.current()) })

function searches(input, list, search) {
  let timer = 0
  input.addEventListener("keydown", (event) => list.pressed(event))
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, SEARCH_AFTER_MS) })
}

async function openMerge() {
  mergeWords.value = ""
  box("merge-list").replaceChildren()
  box("merge").showModal()
  mergeWords.focus()
  await searchKin()
}

async function searchKin() {
  const q = mergeWords.value
  const answer = await get(`/console/api/handoffs/${handoff}/merge?q=${encodeURIComponent(q)}`).catch((failure) => problem(box("merge"), failure.message))
  if (!answer || q !== mergeWords.value) return
  box("merge-list").innerHTML = answer.html
  mergeList.first()
}

async function merge(option) {
  if (!option) return problem(box("merge"), t("js_choose_conversation"))
  const into = option.dataset.value
  if (!(await act(box("merge"), `/console/api/handoffs/${handoff}/merge`, { into }, "js_merged"))) return
  await conversation.open(into)
  if (conversation.facts().state === "waiting") await conversation.act("claim")
}

async function openCorrect() {
  const button = document.querySelector("[data-ask=correct]")
  message = button.dataset.message
  box("correct-quoted").textContent = `“${button.dataset.words}”`
  correctWords.value = ""
  box("correct-list").replaceChildren()
  box("correct").showModal()
  correctWords.focus()
  await searchItems()
}

async function searchItems() {
  const q = correctWords.value
  const path = `/console/api/items?q=${encodeURIComponent(q)}&conversation=${conversation.current()}`
  const answer = await get(path).catch((failure) => problem(box("correct"), failure.message))
  if (!answer || q !== correctWords.value) return
  const none = { code: "out_of_scope", name: t("js_out_of_scope"), owner: "" }
  box("correct-list").replaceChildren(...[...answer.items, none].map(itemOption))
  box("correct-count").textContent = answer.items.length ? t("js_items_found", { n: answer.items.length }) : t("js_items_none")
  if (answer.items.length || !q.trim()) correctList.first()
}

function itemOption(item, n) {
  const line = Object.assign(document.createElement("li"), { id: `correct-${n}` })
  line.setAttribute("role", "option")
  line.setAttribute("aria-selected", "false")
  line.dataset.value = item.code
  line.dataset.name = item.name
  line.append(Object.assign(document.createElement("b"), { textContent: item.name }))
  line.append(Object.assign(document.createElement("span"), { className: "small", textContent: item.owner }))
  return line
}

async function correct(option) {
  if (!option) return problem(box("correct"), t("js_items_none"))
  await act(box("correct"), `/console/api/messages/${message}/correct`, { item: option.dataset.value }, "js_corrected", { item: option.dataset.name })
}

function openEnding() {
  const done = conversation.facts().outcome
  for (const button of box("ending").querySelectorAll("[data-outcome]")) {
    button.querySelector("span").hidden = button.dataset.outcome !== done
  }
  box("ending").showModal()
  const first = box("ending").querySelector(done ? `[data-outcome="${done}"]` : "[data-outcome]")
  first?.focus()
}

function endingKey(event) {
  const all = [...box("ending").querySelectorAll("[data-outcome]")]
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (by) {
    event.preventDefault()
    all[(all.indexOf(document.activeElement) + by + all.length) % all.length].focus()
  } else if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    end(all[Number(event.key) - 1])
  }
}

async function end(button) {
  if (button) await act(box("ending"), `/console/api/handoffs/${handoff}/end`, { outcome: button.dataset.outcome })
}

// One change at a time; what went wrong stands in the dialog, which stays open.
async function act(dialog, path, body, told = "", facts = {}) {
  if (dialog.dataset.busy) return false
  dialog.dataset.busy = "1"
  try {
    await post(path, body)
  } catch (failure) {
    problem(dialog, failure.message)
    return false
  } finally {
    delete dialog.dataset.busy
  }
  dialog.close()
  if (told) notice(t(told, facts))
  await Promise.all([conversation.refresh(), queue.refresh()])
  somewhere()
  return true
}

// The browser gives the focus back to where it was; that may be gone meanwhile.
function somewhere() {
  if (document.activeElement !== document.body) return
  composer.focusOr(queue.rowOf(conversation.current()) ?? document.querySelector("#scroller"))
}

function problem(dialog, words) {
  const place = dialog.querySelector(".problem")
  place.textContent = words
  place.hidden = !words
}
