// Options under a text box: arrow keys move, Enter chooses, a click chooses. The focus stays in the box, a screen reader
// follows by aria-activedescendant (ARIA APG, combobox with a listbox).
export function listbox(input, list, { chosen, picks = false }) {
  const options = () => [...list.querySelectorAll("[role=option]")]
  const current = () => list.querySelector("[aria-selected=true]")

  function mark(option) {
    current()?.setAttribute("aria-selected", "false")
    if (!option) return input.removeAttribute("aria-activedescendant")
    option.setAttribute("aria-selected", "true")
    input.setAttribute("aria-activedescendant", option.id)
    option.scrollIntoView({ block: "nearest" })
  }

  function move(by) {
    const all = options()
    if (!all.length) return
    const at = all.indexOf(current())
    mark(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length])
  }

  // True where the key was for the list.
  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return false
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event.key === "ArrowDown" ? 1 : -1)
    else if (event.key === "Enter" && current()) chosen(current())
    else return false
    event.preventDefault()
    return true
  }

  list.addEventListener("mousedown", (event) => event.preventDefault()) // the focus stays in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]")
    if (!option) return
    mark(option)
    if (!picks) chosen(option)
  })
  return { mark, first: () => mark(options()[0]), move, current, pressed }
}
