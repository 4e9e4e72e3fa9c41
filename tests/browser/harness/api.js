/** The API for the tests' own preparations: a Bearer token, and an error that says what was refused. */
export class Api {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(`${this.url}/api${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
        // Kept open, a connection may be closed by a reload of Apache just as it is used again.
        Connection: "close",
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
  }

  get = (path) => this.send("GET", path);
  post = (path, body, headers) => this.send("POST", path, body, headers);
  patch = (path, body, headers) => this.send("PATCH", path, body, headers);
}
