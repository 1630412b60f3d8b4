// Where the citizen is, asked of the device, with an honest word when it does not know.

const ROUGH = 1500; // metres: another street may be responsible
const OPTIONS = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
const REASONS = { 1: "placeDenied", 2: "placeUnavailable", 3: "placeTimeout" };

/** Resolves to {lat, lon, rough}, `rough` being kilometres or 0. Rejects with {key}, a text. */
export function locate() {
  return new Promise((resolve, reject) => {
    if (window.isSecureContext === false) reject({ key: "placeInsecure" });
    else if (!navigator.geolocation) reject({ key: "placeUnavailable" });
    else {
      const failed = (error) => reject({ key: REASONS[error.code] || "placeUnavailable" });
      navigator.geolocation.getCurrentPosition((position) => resolve(found(position.coords)), failed, OPTIONS);
    }
  });
}

function found({ latitude, longitude, accuracy }) {
  const rough = accuracy > ROUGH ? Math.max(2, Math.round(accuracy / 1000)) : 0;
  return { lat: Number(latitude.toFixed(6)), lon: Number(longitude.toFixed(6)), rough };
}
