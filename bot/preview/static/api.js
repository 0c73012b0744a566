// Talks to the page's own server; every failure becomes an Error with a sentence for people.

const OFFLINE = "The preview server does not answer. Start it again, then try once more.";

/** The server said no: `message` is its sentence, `refused` tells a wrong request from a failure, `field` of a form. */
export class ApiError extends Error {
  constructor(message, { refused = false, field = null } = {}) {
    super(message);
    this.refused = refused;
    this.field = field;
  }
}

/** Fetch JSON from a path with query values. */
export function get(path, query = {}, options = {}) {
  const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const words = new URLSearchParams(known).toString();
  return request(words ? `${path}?${words}` : path, options);
}

/** Post a JSON object and return the answer. */
export function post(path, value) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(value) });
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(OFFLINE);
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const reference = body.reference ? ` (reference ${body.reference}, see the server's log)` : "";
  throw new ApiError(`${body.error ?? "Something went wrong."}${reference}`, { refused: response.status === 400, field: body.field });
}

/** Return a function that runs only the newest call: after a pause, the ones before it aborted. */
export function latest(run, pauseMilliseconds) {
  let timer = 0;
  let abort = new AbortController();
  const start = (...values) => {
    start.cancel();
    abort = new AbortController();
    const { signal } = abort;
    timer = setTimeout(() => run(signal, ...values), pauseMilliseconds);
  };
  start.cancel = () => {
    clearTimeout(timer);
    abort.abort();
  };
  return start;
}
