// SPDX-License-Identifier: Apache-2.0
// peer.mjs eventsource URL TOKEN | ws URL TOKEN header|message: prints a line of JSON for everything that it sees.
import { EventSource } from "eventsource";
import WebSocket from "ws";

const [kind, url, token, where] = process.argv.slice(2);
const show = (...what) => console.log(JSON.stringify(what));

if (kind === "eventsource") {
    const bearer = { Authorization: `Bearer ${token}` };
    const source = new EventSource(`${url}/events/stream`, {
        fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...bearer } }),
    });
    source.addEventListener("open", () => show("open"));
    source.addEventListener("error", () => show("error", source.readyState === EventSource.CLOSED ? "closed" : "connecting"));
    source.addEventListener("user.created", (event) => show("event", JSON.parse(event.data)));
    source.addEventListener("stream.ended", (event) => show("ended", JSON.parse(event.data)));
} else {
    const inHeader = where === "header";
    const socket = new WebSocket(`${url}/events/stream`, inHeader ? { headers: { Authorization: `Bearer ${token}` } } : {});
    socket.on("open", () => {
        show("open");
        socket.send(JSON.stringify({ type: "subscribe", events: ["user.*"], ...(inHeader ? {} : { token }) }));
    });
    socket.on("message", (text) => show("message", JSON.parse(text)));
    socket.on("ping", () => show("ping"));
    socket.on("close", (code, reason) => show("close", code, String(reason)));
}
