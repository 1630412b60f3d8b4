// The page of calls: showing a number, writing down what was said.
import { post } from "./net.js"
import { t } from "./texts.js"
import { notice, watchSession } from "./ui.js"

watchSession()
document.querySelector("#to-make")?.addEventListener("click", (event) => {
  const line = event.target.closest("[data-what]")
  const path = line && `/console/api/callbacks/${line.dataset.what}/${line.dataset.id}`
  if (event.target.matches("[data-show]")) show(line, path)
  if (event.target.matches("[data-solved]")) record(line, path, event.target)
})

async function show(line, path) {
  try {
    line.querySelector("[data-reach]").innerHTML = (await post(`${path}/contact`)).html
    line.querySelector("a.phone").focus()
  } catch (failure) {
    notice(failure.message)
  }
}

async function record(line, path, button) {
  const score = line.querySelector("[type=radio]:checked")?.value
  const sent = {
    solved: Boolean(button.dataset.solved), score: score ? Number(score) : null,
    words: line.querySelector("[data-words]").value,
  }
  const buttons = [...line.querySelectorAll("[data-solved]")]
  const problem = line.querySelector(".problem")
  for (const one of buttons) one.disabled = true
  try {
    await post(path, sent)
    notice(t(sent.solved ? "js_call_solved" : "js_call_unsolved"))
    const next = line.nextElementSibling ?? line.previousElementSibling
    const count = document.querySelector("#h-to-make .count")
    line.remove()
    count.textContent = Number(count.textContent) - 1
    next?.querySelector("button")?.focus()
  } catch (failure) {
    problem.textContent = failure.message
    problem.hidden = false
    for (const one of buttons) one.disabled = false
  }
}
