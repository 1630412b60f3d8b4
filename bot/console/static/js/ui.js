// Notices, photos opening large, dialogs, buttons that ask twice, the end of a session.
import { t } from "./texts.js"

const notices = document.querySelector("#notices")

export function notice(words, { link, stay = false, seconds = 7 } = {}) {
  const box = document.createElement("p")
  box.className = "notice"
  box.append(Object.assign(document.createElement("span"), { textContent: words }))
  if (link) box.append(Object.assign(document.createElement("a"), { href: link.href, textContent: link.words }))
  notices.replaceChildren(box)
  if (!stay) setTimeout(() => box.remove(), seconds * 1000)
  return box
}

// The first press asks, a second within four seconds does.
export function pressedTwice(button) {
  if (!button.dataset.sure || button.classList.contains("sure")) return true
  const before = [...button.childNodes]
  button.replaceChildren(button.dataset.sure)
  button.classList.add("sure")
  setTimeout(() => { button.classList.remove("sure"); button.replaceChildren(...before) }, 4000)
  return false
}

export function openPhotos() {
  const box = document.querySelector("#lightbox")
  document.addEventListener("click", (event) => {
    const photo = event.target.closest("[data-photo]")
    if (!photo || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    box.querySelector("img").src = photo.href
    box.querySelector("a").href = photo.href
    box.showModal()
  })
  box.addEventListener("click", (event) => { if (event.target === box) box.close() })
}

export function watchSession() {
  window.addEventListener("yb:signed-out", () => {
    const here = encodeURIComponent(location.pathname + location.search)
    notice(t("js_signed_out"), { link: { href: `/console/login?next=${here}`, words: t("js_sign_in") }, stay: true })
  })
  document.querySelector("#logout")?.addEventListener("submit", forgetWritings)
}

// Half-written words must not stay on a shared computer once their writer has signed out.
function forgetWritings() {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) {
      if (/^yb:(tickets$|account:\d+:(draft|note|out|answer|ticket|move):)/.test(key)) store.removeItem(key)
    }
  }
}
