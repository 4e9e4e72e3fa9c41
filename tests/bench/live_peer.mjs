// What the bridge is measured against: the usual Socket.IO server on Node, with the same rooms, the same token check and the same events.
//   node --expose-gc live_peer.mjs SOCKET FEED SECRET
// It serves Socket.IO on the unix socket SOCKET. On the unix socket FEED it reads events, one JSON array a line, and gives each to whom it is
// for, as a shop of that make does after saving; a line `gc` collects garbage, so that memory is not measured with waste in it.
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createFeed } from "node:net";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const [socketPath, feedPath, secret] = process.argv.slice(2);
const key = createSecretKey(createHmac("sha256", secret).update("mod_orders token").digest());

function verified(token) {
    const [head, body, mac] = String(token).split(".");
    const good = createHmac("sha256", key).update(`${head}.${body}`).digest();
    const given = Buffer.from(mac ?? "", "base64url");
    if (given.length !== good.length || !timingSafeEqual(given, good)) throw new Error("the session is not valid");
    return JSON.parse(Buffer.from(body, "base64url"));
}

const http = createServer();
const io = new Server(http, { connectionStateRecovery: {}, serveClient: false });
io.use((socket, next) => {
    try {
        socket.data.user = verified(socket.handshake.auth.token);
        next();
    } catch (error) {
        next(error);
    }
});
io.on("connection", (socket) => {
    const { sub, role } = socket.data.user;
    socket.join(role === "admin" ? ["everybody", "admins"] : ["everybody", `user:${sub}`]);
});

function give(event) {
    const rooms = event.type === "product:stock" ? ["everybody"] : ["admins", `user:${event.data.userId}`];
    io.to(rooms).emit(event.type, event);
}

createFeed((feed) => {
    createInterface({ input: feed }).on("line", (line) => {
        if (line === "gc") {
            globalThis.gc();
            feed.write("done\n");
        } else {
            for (const event of JSON.parse(line)) give(event);
        }
    });
}).listen(feedPath);
http.listen(socketPath, () => console.log("ready"));
