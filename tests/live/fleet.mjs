// Many socket.io-client sockets in one process, as a page would use them: nothing is changed or replaced in the client.
// Orders come as JSON lines on standard input, what happens goes out as JSON lines on standard output. stage/fleet.py speaks with it.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();

const tell = (name, what, more = {}) => process.stdout.write(JSON.stringify({ name, what, ...more }) + "\n");

function open({ name, url, token, options = {} }) {
    const state = { token };
    const auth = token === undefined ? {} : { auth: (give) => give({ token: state.token }) };
    const socket = io(url, { ...auth, ...options });
    sockets.set(name, { socket, state });
    socket.io.on("open", () => {
        const engine = socket.io.engine;
        tell(name, "open", { transport: engine.transport.name });
        engine.on("upgrade", (transport) => tell(name, "upgrade", { transport: transport.name }));
    });
    socket.on("connect", () => {
        tell(name, "connect", { id: socket.id, recovered: socket.recovered });
    });
    socket.on("disconnect", (reason) => tell(name, "disconnect", { reason, active: socket.active }));
    socket.on("connect_error", (error) =>
        tell(name, "connect_error", { message: error.message, data: error.data, active: socket.active, status: error.context?.status }),
    );
    socket.onAny((event, ...args) => tell(name, "event", { event, args }));
}

// As a network that breaks: nobody says good-bye.
function cut({ socket }) {
    const ws = socket.io.engine?.transport?.ws;
    if (ws?._socket) ws._socket.destroy();
    else socket.io.engine?.close();
}

function emit({ name, event, args = [] }) {
    const { socket } = sockets.get(name);
    socket.timeout(3000).emit(event, ...args, (error, answer) => tell(name, "ack", { error: error?.message, answer }));
}

const orders = {
    open,
    emit,
    cut: ({ name }) => cut(sockets.get(name)),
    close: ({ name }) => sockets.get(name).socket.close(),
    connect: ({ name }) => sockets.get(name).socket.connect(),
    token: ({ name, token }) => (sockets.get(name).state.token = token),
    quit: () => process.exit(0),
};

createInterface({ input: process.stdin })
    .on("line", (line) => {
        const order = JSON.parse(line);
        orders[order.op](order);
    })
    .on("close", () => process.exit(0));
