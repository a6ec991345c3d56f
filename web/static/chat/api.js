// JSON calls to the server. Errors carry the server's own words in the reader's language.

export class ApiError extends Error {
  constructor(status, answer) {
    super(answer.message ?? String(status));
    this.status = status;
    this.code = answer.code ?? "error";
    this.retryable = Boolean(answer.retryable);
  }
}

export class Api {
  #csrf;
  #offline;

  /** @param offline what to say when the server can't be reached */
  constructor(csrf, offline) {
    this.#csrf = csrf;
    this.#offline = offline;
  }

  get(address) {
    return this.call("GET", address);
  }

  async call(method, address, body) {
    let response;
    try {
      response = await fetch(address, {
        method,
        headers: { accept: "application/json", "content-type": "application/json", "x-csrf-token": this.#csrf },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, { code: "offline", message: this.#offline, retryable: true });
    }
    const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, answer);
    return answer;
  }
}
