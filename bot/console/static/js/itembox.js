// A box to find an item of the catalogue in: words, then arrow keys and Enter, or a click.
import { get } from "./net.js"
import { t } from "./texts.js"

const PAUSE_MS = 150

// `chosen(item)` once one is taken: {code, name, owner, life}.
export function itemBox(root, chosen) {
  const input = root.querySelector("[role=combobox]")
  const code = root.querySelector("[name=item]")
  const list = root.querySelector("[role=listbox]")
  const count = root.querySelector("[data-found]")
  let items = []
  let at = -1
  let timer = 0
  let kept = input.value

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE_MS) })
  input.addEventListener("focus", () => input.select())
  input.addEventListener("blur", () => { close(); input.value = kept })
  input.addEventListener("keydown", pressed)
  list.addEventListener("mousedown", (event) => {
    event.preventDefault() // the box keeps the focus
    const option = event.target.closest("[role=option]")
    if (option) take(items[Number(option.dataset.at)])
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
    mark(items.length ? 0 : -1)
  }

  function option(item, index) {
    const row = Object.assign(document.createElement("li"), { id: `${list.id}-${index}` })
    row.setAttribute("role", "option")
    row.dataset.at = index
    row.append(
      Object.assign(document.createElement("b"), { textContent: item.name }),
      Object.assign(document.createElement("span"), { className: "small", textContent: item.owner }),
    )
    return row
  }

  function pressed(event) {
    if (event.isComposing || list.hidden || event.ctrlKey || event.metaKey) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark((at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length)
    else if (event.key === "Enter") take(items[at])
    else if (event.key === "Escape") { event.stopPropagation(); close(); input.value = kept }
    else return
    event.preventDefault()
  }

  function mark(index) {
    at = index
    for (const row of list.children) row.setAttribute("aria-selected", String(Number(row.dataset.at) === at))
    if (at >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${at}`)
    else input.removeAttribute("aria-activedescendant")
    list.children[at]?.scrollIntoView({ block: "nearest" })
  }

  function take(item) {
    if (!item) return
    set(item.code, item.name)
    close()
    chosen(item)
  }

  function set(value, name) {
    code.value = value
    kept = input.value = name
  }

  function close() {
    clearTimeout(timer)
    list.hidden = true
    input.setAttribute("aria-expanded", "false")
    mark(-1)
  }

  return { set }
}
