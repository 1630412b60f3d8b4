// A field for an item of the catalogue: words find it, arrow keys and Enter or a click take it.
import { get } from "./net.js"
import { listbox } from "./listbox.js"
import { t } from "./texts.js"

const PAUSE_MS = 150

// `chosen(item)` once one is taken: {code, name, owner, life}.
export function itemBox(root, chosen) {
  const input = root.querySelector("[role=combobox]")
  const code = root.querySelector("[name=item]")
  const list = root.querySelector("[role=listbox]")
  const count = root.querySelector("[data-found]")
  const options = listbox(input, list, { chosen: (option) => take(items[Number(option.dataset.at)]) })
  let items = []
  let timer = 0
  let kept = input.value

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE_MS) })
  input.addEventListener("focus", () => input.select())
  input.addEventListener("blur", leave)
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey) return
    if (options.pressed(event)) return event.stopPropagation()
    if (event.key !== "Escape") return
    event.preventDefault() // closes the list, not the dialog
    event.stopPropagation()
    leave()
  })

  async function look() {
    const words = input.value.trim()
    if (!words) return close()
    const answer = await get(`/console/api/items?q=${encodeURIComponent(words)}`).catch(() => null)
    if (!answer || input.value.trim() !== words) return
    items = root.dataset.life ? answer.items.filter((item) => item.life) : answer.items
    list.replaceChildren(...items.map(option))
    list.hidden = !items.length
    input.setAttribute("aria-expanded", String(!list.hidden))
    count.textContent = items.length ? t("js_items_found", { n: items.length }) : t("js_items_none")
    options.first()
  }

  function option(item, at) {
    const row = Object.assign(document.createElement("li"), { id: `${list.id}-${at}` })
    row.setAttribute("role", "option")
    row.setAttribute("aria-selected", "false")
    row.dataset.at = at
    row.append(Object.assign(document.createElement("b"), { textContent: item.name }))
    row.append(Object.assign(document.createElement("span"), { className: "small", textContent: item.owner }))
    return row
  }

  function take(item) {
    set(item.code, item.name)
    close()
    chosen(item)
  }

  function set(value, name) {
    code.value = value
    kept = input.value = name
  }

  function leave() {
    input.value = kept
    close()
  }

  function close() {
    clearTimeout(timer)
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    options.mark(null)
  }

  return { set }
}
