// The leaner yardstick: Fastify 5 and the MongoDB driver itself, a cluster of two workers, answers written by compiled schemas, no live channel.
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import bcrypt from "bcrypt";
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import jwt from "jsonwebtoken";
import { MongoClient, ObjectId } from "mongodb";
import {
  checkProducts, isId, makeOrder, orderToWire, outOfStock, productToWire, publicProduct, readLines, Refusal, settings, stockChanges, transactionOptions, writeConcern,
} from "./shop.mjs";

const text = { type: "string" };
const number = { type: "number" };
const order = {
  type: "object",
  properties: {
    id: text, number: text, userId: text, total: number, currency: text, status: text, version: number, createdAt: text, updatedAt: text,
    customer: { type: "object", properties: { name: text, email: text } },
    shipTo: { type: "object", properties: { name: text, lines: { type: "array", items: text }, city: text, postcode: text, country: text } },
    items: { type: "array", items: { type: "object", properties: { productId: text, name: text, quantity: number, price: number, total: number } } },
    paymentReceived: { type: "boolean" },
    refundDue: { type: "boolean" },
    allowedTransitions: { type: "array", items: text },
    history: {
      type: "array",
      items: {
        type: "object",
        properties: {
          version: number, at: text, type: text, from: text, to: text, reason: text, note: text, requestId: text,
          actor: { type: "object", properties: { id: text, role: text, name: text } },
        },
      },
    },
  },
};
const product = {
  type: "object",
  properties: { id: text, name: text, sku: text, price: number, stock: number, active: { type: "boolean" }, version: number, createdAt: text, updatedAt: text, currency: text },
};
const page = (row) => ({ response: { 200: { type: "object", properties: { data: { type: "array", items: row }, next: { type: ["string", "null"] } } } } });
const lines = {
  type: "object",
  required: ["items"],
  properties: {
    items: {
      type: "array", minItems: 1, maxItems: 100,
      items: { type: "object", required: ["productId", "quantity"], properties: { productId: { type: "string", pattern: "^[0-9a-f]{24}$" }, quantity: { type: "integer", minimum: 1, maximum: 10000 } } },
    },
  },
};

async function serve() {
  const client = await new MongoClient(settings.uri, { maxPoolSize: settings.pool, writeConcern }).connect();
  const db = client.db();
  const [users, products, orders, counters] = ["users", "products", "orders", "counters"].map((name) => db.collection(name));
  const verify = createVerifier({ key: settings.key.export(), algorithms: ["HS256"], allowedIss: settings.issuer, allowedAud: settings.audience, cache: 4096 });
  const people = new Map();

  async function person(userId) {
    const known = people.get(userId);
    if (known && known.until > Date.now()) return known.user;
    const user = await users.findOne({ _id: new ObjectId(userId) }, { projection: { name: 1, email: 1, role: 1, tokenVersion: 1 } });
    if (user) people.set(userId, { user, until: Date.now() + 30_000 });
    return user;
  }

  async function authenticate(request) {
    const header = request.headers.authorization;
    if (!header?.startsWith("Bearer ")) throw new Refusal(401, "sign-in-required");
    let claims;
    try {
      claims = verify(header.slice(7));
    } catch {
      throw new Refusal(401, "session-invalid");
    }
    const user = await person(claims.sub);
    if (!user || Number(user.tokenVersion) !== claims.ver) throw new Refusal(401, "session-invalid");
    request.user = user;
  }

  async function place(user, body) {
    const wanted = readLines(body);
    const ids = [...wanted.keys()].map((each) => new ObjectId(each));
    const found = await products.find({ _id: { $in: ids }, active: true }, { projection: publicProduct }).toArray();
    checkProducts(found, wanted);
    const { value } = await counters.findOneAndUpdate({ _id: "orders" }, { $inc: { value: 1 } }, { upsert: true, returnDocument: "after" });
    const made = makeOrder({ id: new ObjectId(), number: value, user, lines: wanted, products: found, shipTo: body.shipTo, requestId: randomUUID() });
    await client.withSession((session) =>
      session.withTransaction(async () => {
        const { modifiedCount } = await products.bulkWrite(stockChanges(found, wanted), { session, ordered: false });
        if (modifiedCount < found.length) throw outOfStock();
        await orders.insertOne(made, { session });
      }, transactionOptions),
    );
    return made;
  }

  const app = Fastify({ logger: false, bodyLimit: 65536, keepAliveTimeout: 30_000 });
  const signedIn = { preHandler: authenticate };
  app.post("/api/users/login", async (request) => {
    const user = await users.findOne({ email: String(request.body.email).trim().toLowerCase() });
    if (!user || !(await bcrypt.compare(String(request.body.password), user.password.replace(/^\$2y\$/, "$2b$")))) throw new Refusal(401, "wrong-credentials");
    const token = jwt.sign({ role: user.role, ver: Number(user.tokenVersion), auth_time: Math.floor(Date.now() / 1000) }, settings.key, {
      algorithm: "HS256", issuer: settings.issuer, audience: settings.audience, subject: String(user._id), expiresIn: "1h",
    });
    return { user: { id: user._id, name: user.name, email: user.email, role: user.role }, token };
  });
  app.get("/api/session", signedIn, async (request) => ({ id: request.user._id, role: request.user.role }));
  app.get("/api/products", { schema: page(product) }, async (request) => {
    const limit = Number(request.query.limit ?? 20);
    const rows = await products.find({ active: true }, { projection: publicProduct }).sort({ name: 1, _id: 1 }).limit(limit + 1).toArray();
    return { data: rows.slice(0, limit).map(productToWire), next: rows.length > limit ? String(rows[limit - 1]._id) : null };
  });
  app.get("/api/orders/admin", { ...signedIn, schema: page(order) }, async (request) => {
    if (request.user.role !== "admin") throw new Refusal(403, "forbidden");
    const limit = Number(request.query.limit ?? 20);
    const filter = request.query.status ? { status: { $in: request.query.status.split(",") } } : {};
    const rows = await orders.find(filter, { projection: { history: 0 } }).sort({ createdAt: -1, _id: -1 }).limit(limit + 1).toArray();
    return { data: rows.slice(0, limit).map((each) => orderToWire(each, "admin", false)), next: rows.length > limit ? String(rows[limit - 1]._id) : null };
  });
  app.get("/api/orders/:id", { ...signedIn, schema: { response: { 200: order } } }, async (request, reply) => {
    const found = isId(request.params.id) && (await orders.findOne({ _id: new ObjectId(request.params.id) }));
    if (!found || (request.user.role !== "admin" && !found.userId.equals(request.user._id))) throw new Refusal(404, "not-found");
    reply.header("ETag", `"${found.version}"`);
    return orderToWire(found, request.user.role);
  });
  app.post("/api/orders", { ...signedIn, schema: { body: lines, response: { 201: order } } }, async (request, reply) => {
    if (request.user.role !== "customer") throw new Refusal(403, "forbidden");
    const made = orderToWire(await place(request.user, request.body), "customer");
    reply.code(201).header("Location", `/api/orders/${made.id}`).header("ETag", `"${made.version}"`);
    return made;
  });
  app.get("/healthz", async () => ({ status: "ok" }));
  app.setErrorHandler((error, _request, reply) => {
    if (error.validation) return reply.code(422).send({ status: 422, code: "validation-failed", detail: error.message });
    if (!(error instanceof Refusal)) console.error(error);
    return reply.code(error.status ?? 500).send(error.body ?? { status: 500, code: "internal-error" });
  });
  await app.listen({ port: settings.port, host: "127.0.0.1" });
}

if (cluster.isPrimary) {
  for (let i = 0; i < settings.workers; i++) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  await serve();
}
