// A real OpenID Provider on loopback. First argument: JSON {clients, accounts}. Says its issuer on
// standard output, and ends with its standard input.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { clients, accounts } = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    claims: { openid: ["sub"], profile: ["name", "orcid"], email: ["email"], groups: ["groups"] },
    features: { backchannelLogout: { enabled: true } },
    cookies: { keys: ["a key for tests"] },
    // Its own guard against calls to loopback stands in `dispatcher`; we are on loopback.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    findAccount: (_, id) =>
      accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  });
  server.on("request", provider.callback());
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error) => console.error(error));
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
