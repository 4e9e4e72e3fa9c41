import { randomBytes } from "node:crypto";
import { Api } from "./api.js";

const PASSWORD = "browser-tests-1";
export const unique = () => randomBytes(4).toString("hex");

/** What a test needs in the shop, made by the API: people and things that no other test knows. */
export class Shop {
  #first;

  constructor(instance) {
    this.instance = instance;
    this.url = instance.url;
  }

  async signIn({ email, password }) {
    const { user, token } = await new Api(this.url).post("/users/login", { email, password });
    return { ...user, password, token, api: new Api(this.url, token) };
  }

  /** The admin that the system came with. */
  firstAdmin() {
    this.#first ??= this.signIn(this.instance.admin);
    return this.#first;
  }

  async customer(name = "Casey Customer", email = `casey-${unique()}@example.com`) {
    const { user, token } = await new Api(this.url).post("/users/register", { name, email, password: PASSWORD });
    return { ...user, password: PASSWORD, token, api: new Api(this.url, token) };
  }

  async admin(name = "Alex Admin") {
    const { id, email } = await this.customer(name);
    await (await this.firstAdmin()).api.patch(`/users/${id}`, { role: "admin" });
    return this.signIn({ email, password: PASSWORD });
  }

  async product({ name = `Lamp ${unique()}`, price = 12.5, stock = 50, ...more } = {}) {
    return (await this.firstAdmin()).api.post("/products", { name, price, stock, ...more });
  }

  async stockOf({ id }) {
    return (await (await this.firstAdmin()).api.get(`/products/${id}`)).stock;
  }

  /** order(customer, [product, quantity]...); to the customer's `shipTo`, if there is one. */
  async order(customer, ...lines) {
    const items = lines.map(([product, quantity = 1]) => ({ productId: product.id, quantity }));
    return customer.api.post("/orders", { items, shipTo: customer.shipTo }, { "Idempotency-Key": unique() });
  }

  async setStatus(order, status, more = {}) {
    return (await this.firstAdmin()).api.patch(`/orders/${order.id}/status`, { status, ...more });
  }

  async setPayment(order, paymentReceived = true) {
    return (await this.firstAdmin()).api.patch(`/orders/${order.id}/payment`, { paymentReceived });
  }
}
