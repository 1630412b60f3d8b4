// The texts the server put into the page, and facts filled in.
const meta = document.querySelector('meta[name="yb-texts"]')
const texts = JSON.parse(meta?.content || "{}")

export function t(key, facts = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole)
}
