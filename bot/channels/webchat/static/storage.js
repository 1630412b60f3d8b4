// What this browser remembers. Private windows and third-party frames may refuse: then until the page closes.

const PREFIX = "yiboling.";
const memory = new Map();

export function read(key) {
  try {
    const raw = localStorage.getItem(PREFIX + key);
    return raw === null ? fromMemory(key) : JSON.parse(raw);
  } catch (refused) {
    return fromMemory(key);
  }
}

export function write(key, value) {
  memory.set(key, value);
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
    memory.delete(key);
  } catch (refused) {
    // kept in memory
  }
}

export function remove(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(PREFIX + key);
  } catch (refused) {
    // it was in memory only
  }
}

/** All keys that begin with `start`. */
export function keys(start) {
  const found = new Set(Array.from(memory.keys()).filter((key) => key.startsWith(start)));
  try {
    for (let n = 0; n < localStorage.length; n += 1) {
      const key = localStorage.key(n);
      if (key.startsWith(PREFIX + start)) found.add(key.slice(PREFIX.length));
    }
  } catch (refused) {
    // memory it is
  }
  return Array.from(found);
}

/** `changed(key)` when another tab of this browser wrote or removed `key`. */
export function onOtherTab(changed) {
  window.addEventListener("storage", (event) => {
    if (event.key && event.key.startsWith(PREFIX)) changed(event.key.slice(PREFIX.length));
  });
}

function fromMemory(key) {
  return memory.has(key) ? memory.get(key) : null;
}
