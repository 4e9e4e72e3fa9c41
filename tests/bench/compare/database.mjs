// Questions to the database that no target answers: database.mjs URI version|drop|sold PRODUCT|plan list|products
import { MongoClient, ObjectId } from "mongodb";

const [uri, what, ...rest] = process.argv.slice(2);
const client = await new MongoClient(uri).connect();
const db = client.db();

const finds = {
  list: { find: "orders", filter: { status: { $in: ["pending", "processing"] } }, sort: { createdAt: -1, _id: -1 }, limit: 51 },
  products: { find: "products", filter: { active: true }, sort: { name: 1, _id: 1 }, limit: 21 },
};

const answers = {
  version: async () => ({ version: (await db.admin().command({ buildInfo: 1 })).version }),
  drop: async () => ({ dropped: await db.dropDatabase() }),
  // What a product lost and what its orders have of it.
  sold: async ([id]) => {
    const product = await db.collection("products").findOne({ _id: new ObjectId(id) });
    let [orders, units] = [0, 0];
    for await (const order of db.collection("orders").find({ "items.productId": product._id, status: { $ne: "cancelled" } }, { projection: { items: 1 } })) {
      orders += 1;
      for (const line of order.items) if (line.productId.equals(product._id)) units += Number(line.quantity);
    }
    return { orders, units, stock: Number(product.stock), reserved: Number(product.reserved) };
  },
  // How the database finds what a list shows: the stages, and how much it looks at.
  plan: async ([name]) => {
    const { queryPlanner, executionStats } = await db.command({ explain: finds[name], verbosity: "executionStats" });
    const stages = [];
    for (let at = queryPlanner.winningPlan; at; at = at.inputStage ?? at.inputStages?.[0] ?? at.queryPlan) if (at.stage) stages.push(at.indexName ? `${at.stage} ${at.indexName}` : at.stage);
    return { stages, keys: executionStats?.totalKeysExamined, documents: executionStats?.totalDocsExamined, returned: executionStats?.nReturned };
  },
};

console.log(JSON.stringify(await answers[what](rest)));
await client.close();
