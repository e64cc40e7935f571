// SPDX-License-Identifier: Apache-2.0
// peer.mjs ADDRESS PROTO EMAIL PASSWORD: what a program in JavaScript does with the services; prints one line of JSON.
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, proto, email, password] = process.argv.slice(2);
const files = ["auth", "users", "events"].map((name) => `nexpo/v1/${name}.proto`);
const definition = loader.loadSync(files, { includeDirs: [proto], keepCase: true, longs: String, enums: String });
const { nexpo } = grpc.loadPackageDefinition(definition);
const credentials = grpc.credentials.createInsecure();
const metadata = new grpc.Metadata();

const call = (client, method, input) =>
  new Promise((resolve) => client[method](input, metadata, (error, answer) => resolve({ error, answer })));

const tokens = await call(new nexpo.v1.Auth(address, credentials), "Login", { email, password });
metadata.set("authorization", `Bearer ${tokens.answer.access_token}`);
const users = new nexpo.v1.Users(address, credentials);
const me = await call(users, "Me", {});

const events = new nexpo.v1.Events(address, credentials).Subscribe({ events: ["user.created"] }, metadata);
await new Promise((resolve) => events.once("metadata", resolve));
const first = new Promise((resolve) => events.once("data", resolve));
events.on("error", () => {});

const created = await call(users, "Create", { email: "js@example.com", role: "ROLE_VIEWER" });
const event = await first;
events.cancel();
const refused = await call(users, "Create", { email: "nobody" });

const bulk = await new Promise((resolve) => {
  const stream = users.CreateMany(metadata, (error, answer) => resolve({ error, answer }));
  for (let i = 0; i < 50; ++i) stream.write({ email: i === 3 ? "nobody" : `js${i}@example.com` });
  stream.end();
});
const listed = await new Promise((resolve, reject) => {
  const emails = [];
  const stream = users.ListAll({ limit: 7 }, metadata);
  stream.on("data", (user) => emails.push(user.email));
  stream.on("error", reject);
  stream.on("end", () => resolve(emails));
});

console.log(
  JSON.stringify({
    me: me.answer,
    created: created.answer,
    event: event.payload.structValue.fields.email.stringValue,
    refused: { code: refused.error.code, details: refused.error.metadata.get("grpc-status-details-bin").length },
    bulk: bulk.answer,
    listed: listed.length,
  }),
);
process.exit(0);
