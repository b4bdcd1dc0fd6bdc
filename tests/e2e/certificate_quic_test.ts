/** Our certificates in front of rustls, over QUIC and over TLS, trusted by nothing but themselves. */
import assert from "node:assert/strict";
import {
  CERTIFICATE_DAYS,
  makeCertificate,
  makeKey,
  type ServerCertificate,
} from "../../src/server/certificate/certificate.ts";

const hourMs = 3_600_000;

async function freshCertificate(): Promise<ServerCertificate> {
  return await makeCertificate({
    key: await makeKey(),
    names: ["localhost", "127.0.0.1"],
    notBeforeMs: Date.now() - hourMs,
    days: CERTIFICATE_DAYS,
  });
}

Deno.test("QUIC with our certificate as the only trust; another's is refused", async () => {
  const certificate = await freshCertificate();
  const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: 0 });
  const listener = endpoint.listen({
    key: certificate.keyPem,
    cert: certificate.certificatePem,
    alpnProtocols: ["quicchat/1"],
  });
  const serving = (async () => {
    for await (const incoming of listener) {
      Promise.resolve(incoming.accept()).catch(() => {/* the second client refuses us, which is the test */});
    }
  })().catch(() => {/* stopping the listener ends the loop so */});
  const connect = async (trusted: string, serverName: string) =>
    await Deno.connectQuic({
      hostname: "127.0.0.1",
      port: endpoint.addr.port,
      serverName,
      alpnProtocols: ["quicchat/1"],
      caCerts: [trusted],
    });
  for (const serverName of ["localhost", "127.0.0.1"]) {
    const connection = await connect(certificate.certificatePem, serverName);
    assert.equal(connection.protocol, "quicchat/1");
    connection.close({ closeCode: 0, reason: "" });
    await connection.closed.catch(() => {/* either way it is closed */});
  }
  await assert.rejects(
    connect((await freshCertificate()).certificatePem, "localhost"),
    /UnknownIssuer|BadSignature/,
  );
  await assert.rejects(connect(certificate.certificatePem, "example.org"), /name/i);
  listener.stop();
  endpoint.close({ closeCode: 0, reason: "" });
  await serving;
});

Deno.test("TLS: a renewed certificate of the same key is trusted by those who know the former one", async () => {
  const key = await makeKey();
  const wish = { key, names: ["localhost"], notBeforeMs: Date.now() - hourMs, days: CERTIFICATE_DAYS };
  const former = await makeCertificate(wish);
  const renewed = await makeCertificate(wish);
  assert.notEqual(renewed.certificateHash, former.certificateHash);
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: renewed.certificatePem,
    key: renewed.keyPem,
  });
  const client = Deno.connectTls({
    hostname: "localhost",
    port: listener.addr.port,
    caCerts: [former.certificatePem],
  });
  const accepted = await listener.accept();
  await accepted.handshake();
  const connection = await client;
  await connection.handshake();
  connection.close();
  accepted.close();
  listener.close();
});
