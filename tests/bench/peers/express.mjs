// The yardstick: Express 5, Mongoose 9 and Socket.IO 4, a cluster of two workers, as a good engineer writes it: lean documents, no ETag of the
// whole body, a KeyObject for the tokens, bcrypt in native code on the thread pool, placing in a transaction with the driver's own retries.
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createAdapter, setupPrimary } from "@socket.io/cluster-adapter";
import bcrypt from "bcrypt";
import express from "express";
import jwt from "jsonwebtoken";
import mongoose from "mongoose";
import { Server } from "socket.io";
import {
  checkProducts, isId, makeOrder, orderToWire, outOfStock, productToWire, publicProduct, readLines, Refusal, settings, stockChanges, transactionOptions, writeConcern,
} from "./shop.mjs";

const { Schema } = mongoose;
const id = Schema.Types.ObjectId;
const options = { versionKey: false, autoIndex: false, autoCreate: false, writeConcern };

const User = mongoose.model("User", new Schema({ name: String, email: String, password: String, role: String, tokenVersion: Number, createdAt: Date }, options), "users");
const Product = mongoose.model(
  "Product",
  new Schema({ name: String, sku: String, terms: [String], price: Number, stock: Number, reserved: Number, active: Boolean, version: Number, createdAt: Date, updatedAt: Date }, options),
  "products",
);
const Order = mongoose.model(
  "Order",
  new Schema(
    {
      number: String,
      userId: id,
      customer: { _id: false, name: String, email: String },
      shipTo: { _id: false, name: String, lines: [String], city: String, postcode: String, country: String },
      items: [{ _id: false, productId: id, name: String, quantity: Number, price: Number, total: Number }],
      total: Number,
      currency: String,
      status: String,
      paymentReceived: Boolean,
      refundDue: Boolean,
      version: Number,
      createdAt: Date,
      updatedAt: Date,
      history: [{ _id: false, version: Number, at: Date, type: { type: String }, from: String, to: String, actor: { id, role: String, name: String }, reason: String, note: String, requestId: String }],
    },
    options,
  ),
  "orders",
);
const Counter = mongoose.model("Counter", new Schema({ _id: String, value: Number }, options), "counters");

// A user is read again at most each 30 seconds, as in mod_orders.
const people = new Map();
async function person(userId) {
  const known = people.get(userId);
  if (known && known.until > Date.now()) return known.user;
  const user = await User.findById(userId, { name: 1, email: 1, role: 1, tokenVersion: 1 }).lean();
  if (user) people.set(userId, { user, until: Date.now() + 30_000 });
  return user;
}

async function authenticate(request, _response, next) {
  const [scheme, token] = request.get("authorization")?.split(" ") ?? [];
  if (scheme !== "Bearer" || !token) throw new Refusal(401, "sign-in-required");
  let claims;
  try {
    claims = jwt.verify(token, settings.key, { algorithms: ["HS256"], issuer: settings.issuer, audience: settings.audience });
  } catch {
    throw new Refusal(401, "session-invalid");
  }
  const user = await person(claims.sub);
  if (!user || user.tokenVersion !== claims.ver) throw new Refusal(401, "session-invalid");
  request.user = user;
  next();
}

const only = (role) => (request, _response, next) => {
  if (request.user.role !== role) throw new Refusal(403, "forbidden");
  next();
};

async function place(request) {
  const lines = readLines(request.body);
  const products = await Product.find({ _id: { $in: [...lines.keys()] }, active: true }, publicProduct).lean();
  checkProducts(products, lines);
  const { value: number } = await Counter.findByIdAndUpdate("orders", { $inc: { value: 1 } }, { upsert: true, returnDocument: "after" }).lean();
  const order = makeOrder({ id: new mongoose.Types.ObjectId(), number, user: request.user, lines, products, shipTo: request.body.shipTo, requestId: randomUUID() });
  await mongoose.connection.transaction(async (session) => {
    const { modifiedCount } = await Product.bulkWrite(stockChanges(products, lines), { session, ordered: false, timestamps: false });
    if (modifiedCount < products.length) throw outOfStock();
    await Order.insertMany([order], { session, lean: true });
  }, transactionOptions);
  return order;
}

function makeApp(io) {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(express.json({ limit: "64kb" }));

  app.post("/api/users/login", async (request, response) => {
    const { email, password } = request.body ?? {};
    const user = await User.findOne({ email: String(email).trim().toLowerCase() }).lean();
    if (!user || !(await bcrypt.compare(String(password), user.password.replace(/^\$2y\$/, "$2b$")))) throw new Refusal(401, "wrong-credentials");
    const token = jwt.sign({ role: user.role, ver: user.tokenVersion, auth_time: Math.floor(Date.now() / 1000) }, settings.key, {
      algorithm: "HS256",
      issuer: settings.issuer,
      audience: settings.audience,
      subject: String(user._id),
      expiresIn: "1h",
    });
    response.json({ user: { id: user._id, name: user.name, email: user.email, role: user.role }, token });
  });
  app.get("/api/session", authenticate, (request, response) => response.json({ id: request.user._id, role: request.user.role }));
  app.get("/api/products", async (request, response) => {
    const limit = Number(request.query.limit ?? 20);
    const rows = await Product.find({ active: true }, publicProduct).sort({ name: 1, _id: 1 }).limit(limit + 1).lean();
    response.json({ data: rows.slice(0, limit).map(productToWire), next: rows.length > limit ? String(rows[limit - 1]._id) : null });
  });
  app.get("/api/orders/admin", authenticate, only("admin"), async (request, response) => {
    const limit = Number(request.query.limit ?? 20);
    const filter = request.query.status ? { status: { $in: request.query.status.split(",") } } : {};
    const rows = await Order.find(filter, { history: 0 }).sort({ createdAt: -1, _id: -1 }).limit(limit + 1).lean();
    response.json({ data: rows.slice(0, limit).map((order) => orderToWire(order, "admin", false)), next: rows.length > limit ? String(rows[limit - 1]._id) : null });
  });
  app.get("/api/orders/:id", authenticate, async (request, response) => {
    const order = isId(request.params.id) && (await Order.findById(request.params.id).lean());
    if (!order || (request.user.role !== "admin" && String(order.userId) !== String(request.user._id))) throw new Refusal(404, "not-found");
    response.set("ETag", `"${order.version}"`).json(orderToWire(order, request.user.role));
  });
  app.post("/api/orders", authenticate, only("customer"), async (request, response) => {
    const order = orderToWire(await place(request), "customer");
    io.to("admins").to(order.userId).emit("order:new", order);
    response.status(201).location(`/api/orders/${order.id}`).set("ETag", `"${order.version}"`).json(order);
  });
  app.get("/healthz", (_request, response) => response.json({ status: "ok" }));

  app.use((error, _request, response, _next) => {
    if (!(error instanceof Refusal)) console.error(error);
    response.status(error.status ?? 500).json(error.body ?? { status: 500, code: "internal-error" });
  });
  return app;
}

// WebSocket alone, so that no session has to stick to a worker: then the workers share the port, and nothing stands in front of them.
if (cluster.isPrimary) {
  setupPrimary();
  for (let i = 0; i < settings.workers; i++) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  await mongoose.connect(settings.uri, { maxPoolSize: settings.pool });
  const server = createServer();
  const io = new Server(server, { transports: ["websocket"], adapter: createAdapter() });
  server.on("request", makeApp(io));
  server.keepAliveTimeout = 30_000;
  server.listen(settings.port, "127.0.0.1");
}
