// Photos on their way, kept over a reload where the browser allows (IndexedDB), else as long as the page lives.

const memory = new Map();
let opening = null;

export async function keep(id, blob) {
  memory.set(id, blob);
  await inStore("readwrite", (store) => store.put(blob, id));
}

export async function get(id) {
  return memory.get(id) || (await inStore("readonly", (store) => store.get(id))) || null;
}

export async function drop(id) {
  memory.delete(id);
  await inStore("readwrite", (store) => store.delete(id));
}

async function inStore(mode, work) {
  try {
    const database = await open();
    return await done(work(database.transaction("photos", mode).objectStore("photos")));
  } catch (refused) {
    return null; // private window or full disk: memory it is
  }
}

function open() {
  if (!opening) {
    const request = indexedDB.open("yiboling", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("photos");
    opening = done(request);
  }
  return opening;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
