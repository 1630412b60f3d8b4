// What the holder's console has shown counts as read: the end of the conversation, on a page that is looked at.
import { hint } from "./net.js"

let told = { id: "", seq: 0 }

export function look(id, seq, inView) {
  const news = id !== told.id || seq > told.seq
  if (!id || !seq || !news || !inView || document.hidden) return
  told = { id, seq }
  hint(`/console/api/conversations/${id}/seen`, { seq }).catch(() => { told = { id: "", seq: 0 } })
}
