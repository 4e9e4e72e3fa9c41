// Every page of every test is watched: what a person would never see but should not be there.

/* Said twice by the browser: responses are watched by themselves, with method and address. */
const SAID_ELSEWHERE = /^Failed to load resource: /;
/* A page that is left or closed takes its requests with it. */
const LEFT = "net::ERR_ABORTED";

export class Watch {
  #problems = [];
  #expected = [];

  constructor(...origins) {
    this.origins = new Set(origins);
  }

  /** What this test provokes: a pattern for a line such as "409 POST /api/orders". */
  expect(...patterns) {
    this.#expected.push(...patterns);
  }

  get problems() {
    return this.#problems.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
  }

  #note(line) {
    this.#problems.push(line);
  }

  async attach(context) {
    await context.exposeBinding("tellViolation", (_, what) => this.#note(`CSP ${what}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        window.tellViolation(
          `${event.effectiveDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`,
        ),
      );
    });
    context.on("console", (message) => {
      if (!["error", "warning"].includes(message.type()) || SAID_ELSEWHERE.test(message.text())) return;
      this.#note(`console ${message.type()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.#note(`uncaught ${error.error().stack}`));
    context.on("request", (request) => {
      if (!this.origins.has(new URL(request.url()).origin) && !/^(data|blob):/.test(request.url()))
        this.#note(`left the origin: ${request.url()}`);
    });
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText;
      if (reason !== LEFT) this.#note(`${reason} ${request.method()} ${this.#path(request)}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400)
        this.#note(`${response.status()} ${response.request().method()} ${this.#path(response)}`);
    });
  }

  #path(message) {
    const url = new URL(message.url());
    return this.origins.has(url.origin) ? url.pathname + url.search : url.href;
  }
}
