// What both Node peers share: settings, the session's key, prices on the wire, and when a transaction is to be tried again.
import { createHmac, createSecretKey } from "node:crypto";

export const settings = {
  port: Number(process.env.PORT),
  uri: process.env.MONGODB_URI,
  workers: Number(process.env.WORKERS ?? 2),
  // The pool of all workers together is what the httpd's children have together.
  pool: Number(process.env.POOL ?? 16) / Number(process.env.WORKERS ?? 2),
  // mod_orders signs with a key derived from the secret: with the same one its tokens are good here, too.
  key: createSecretKey(createHmac("sha256", process.env.JWT_SECRET).update("mod_orders token").digest()),
  issuer: "mod_orders",
  audience: "orders",
  bcryptCost: Number(process.env.BCRYPT_COST ?? 10),
};

export const writeConcern = { w: "majority", j: true };
export const transactionOptions = { readConcern: { level: "snapshot" }, writeConcern, readPreference: "primary" };

const NEXT = {
  admin: { pending: ["processing", "cancelled"], processing: ["cancelled", "shipped"], shipped: ["delivered", "returned"], delivered: ["returned"] },
  customer: { pending: ["cancelled"] },
};

export function orderToWire(order, role, history = true) {
  return {
    id: String(order._id),
    number: order.number,
    userId: String(order.userId),
    customer: order.customer,
    ...(order.shipTo && { shipTo: order.shipTo }),
    items: order.items.map((line) => ({ productId: String(line.productId), name: line.name, quantity: Number(line.quantity), price: Number(line.price) / 100, total: Number(line.total) / 100 })),
    total: Number(order.total) / 100,
    currency: order.currency,
    status: order.status,
    paymentReceived: order.paymentReceived,
    ...(order.refundDue !== undefined && { refundDue: order.refundDue }),
    version: Number(order.version),
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    allowedTransitions: NEXT[role][order.status] ?? [],
    ...(history && { history: order.history }),
  };
}

export function productToWire(product) {
  const { _id, price, ...rest } = product;
  return { id: String(_id), ...rest, price: Number(price) / 100, currency: "USD" };
}

export class Refusal extends Error {
  constructor(status, code, extra = {}) {
    super(code);
    this.status = status;
    this.body = { status, code, ...extra };
  }
}

export function readLines(body) {
  if (!Array.isArray(body?.items) || body.items.length < 1 || body.items.length > 100) throw new Refusal(422, "validation-failed");
  const lines = new Map();
  for (const { productId, quantity } of body.items) {
    if (!isId(productId) || !Number.isInteger(quantity) || quantity < 1 || quantity > 10000)
      throw new Refusal(422, "validation-failed");
    lines.set(productId, (lines.get(productId) ?? 0) + quantity);
  }
  return lines;
}

/** Fields of a product that the shop's visitors see. */
export const publicProduct = { terms: 0, reserved: 0 };

export const isId = (text) => /^[0-9a-f]{24}$/.test(text);

/** Refuses what cannot be sold, before a transaction is begun for it. */
export function checkProducts(products, lines) {
  if (products.length < lines.size) throw new Refusal(409, "product-unavailable");
  const short = products.filter((product) => Number(product.stock) < lines.get(String(product._id)));
  if (short.length) throw outOfStock(short);
}

export const outOfStock = (short = []) =>
  new Refusal(409, "insufficient-stock", { lines: short.map((product) => ({ productId: product._id, available: Number(product.stock) })) });

/**
 * The stock's part of the transaction. It comes first, so that of many buyers of one product those who lose the race lose it at once, and not after
 * reading and inserting: with the updates at the end both peers sold a third of this. Each update holds only if the product is as it was read.
 */
export const stockChanges = (products, lines) =>
  products.map((product) => {
    const quantity = lines.get(String(product._id));
    return {
      updateOne: {
        filter: { _id: product._id, active: true, price: product.price, stock: { $gte: quantity } },
        update: { $inc: { stock: -quantity, reserved: quantity, version: 1 }, $set: { updatedAt: new Date() } },
      },
    };
  });

/** The order document, its lines as they were sent; `products` are the documents, in any order. */
export function makeOrder({ id, number, user, lines, products, shipTo, requestId }) {
  const now = new Date();
  const byId = new Map(products.map((product) => [String(product._id), product]));
  const items = [...lines].map(([productId, quantity]) => {
    const product = byId.get(productId);
    return { productId: product._id, name: product.name, quantity, price: Number(product.price), total: Number(product.price) * quantity };
  });
  return {
    _id: id,
    number: `A-${String(number).padStart(6, "0")}`,
    userId: user._id,
    customer: { name: user.name, email: user.email },
    ...(shipTo && { shipTo }),
    items,
    total: items.reduce((sum, item) => sum + item.total, 0),
    currency: "USD",
    status: "pending",
    paymentReceived: false,
    version: 1,
    createdAt: now,
    updatedAt: now,
    history: [{ version: 1, at: now, type: "order:new", to: "pending", actor: { id: user._id, role: "customer", name: user.name }, requestId }],
  };
}
