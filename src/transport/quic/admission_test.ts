import assert from "node:assert/strict";
import { Admission, type AdmissionLimits, type Place, shareOf } from "./admission.ts";

const LIMITS: AdmissionLimits = {
  connectionsMax: 1_000,
  perAddressMax: 20,
  halfOpenMax: 200,
  halfOpenPerAddressMax: 100,
  calmMax: 50,
  strainedPerSecond: 10,
};

function admission(
  limits: Partial<AdmissionLimits> = {},
  isExempt = (_hostname: string) => false,
): Admission {
  return new Admission({ ...LIMITS, ...limits }, isExempt, 0);
}

function placed(place: ReturnType<Admission["begin"]>): Place {
  assert.notEqual(typeof place, "string", String(place));
  return place as Place;
}

/** As a listener does it: asks, begins, and gives what came of it. */
function come(doors: Admission, address: string, nowMs: number): ReturnType<Admission["begin"]> {
  return doors.refusal(nowMs) ?? doors.begin(address);
}

Deno.test("calm: as many as like, each counted until it is over, and once", () => {
  const doors = admission({ perAddressMax: 1_000 });
  const places = Array.from({ length: 40 }, () => placed(come(doors, "10.0.0.1", 0)));
  for (let i = 0; i < 900; i++) placed(come(doors, "10.0.0.1", 0)).handshaken();
  assert.equal(doors.connections, 940);
  for (const place of places) {
    place.over();
    place.over();
    place.handshaken();
  }
  assert.equal(doors.connections, 900);
});

Deno.test("strained: handshakes under way are begun at a pace, whoever comes", () => {
  const doors = admission({
    calmMax: 0,
    perAddressMax: 1_000,
    halfOpenPerAddressMax: 1_000,
    halfOpenMax: 1_000,
  });
  let begun = 0;
  for (let i = 0; i < 500; i++) if (typeof come(doors, `10.0.0.${i}`, 0) !== "string") begun++;
  assert.equal(begun, 64);
  // 10 a second.
  assert.equal(come(doors, "10.0.1.1", 99), "too-many-half-open");
  placed(come(doors, "10.0.1.1", 100));
  assert.equal(come(doors, "10.0.1.2", 100), "too-many-half-open");
});

Deno.test("strained: what comes to nothing at once is paid for as well, and calm returns", () => {
  const doors = admission();
  for (let i = 0; i < 64; i++) {
    assert.equal(doors.refusal(0), null);
    doors.wasted();
  }
  assert.equal(doors.refusal(0), "too-many-half-open");
  assert.equal(doors.refusal(1_000), null);
});

Deno.test("one address has its share of handshakes and of connections; what it wants beyond is wasted", () => {
  const doors = admission({ halfOpenPerAddressMax: 3, perAddressMax: 5 });
  const open = Array.from({ length: 3 }, () => placed(come(doors, "10.0.0.1", 0)));
  assert.equal(come(doors, "10.0.0.1", 0), "too-many-half-open");
  placed(come(doors, "10.0.0.2", 0));
  for (const place of open) place.handshaken();
  for (let i = 0; i < 2; i++) placed(come(doors, "10.0.0.1", 0)).handshaken();
  assert.equal(come(doors, "10.0.0.1", 0), "too-many-connections");
  open[0]?.over();
  placed(come(doors, "10.0.0.1", 0)).handshaken();
  for (let i = 0; i < 70; i++) come(doors, "10.0.0.1", 0);
  assert.equal(come(doors, "10.0.0.2", 0), "too-many-half-open");
});

Deno.test("exempt addresses have no share of connections, but of handshakes", () => {
  const doors = admission(
    { perAddressMax: 1, halfOpenPerAddressMax: 2 },
    (address) => address === "127.0.0.1",
  );
  for (let i = 0; i < 10; i++) placed(come(doors, "127.0.0.1", 0)).handshaken();
  for (let i = 0; i < 2; i++) placed(come(doors, "127.0.0.1", 0));
  assert.equal(come(doors, "127.0.0.1", 0), "too-many-half-open");
});

Deno.test("the whole has its bounds, whatever the addresses", () => {
  const doors = admission({ connectionsMax: 2 });
  const first = placed(come(doors, "10.0.0.1", 0));
  placed(come(doors, "10.0.0.2", 0));
  assert.equal(come(doors, "10.0.0.3", 0), "too-many-connections");
  first.over();
  placed(come(doors, "10.0.0.3", 0));
  assert.equal(come(admission({ halfOpenMax: 0 }), "10.0.0.1", 0), "too-many-half-open");
});

Deno.test("an address is itself, or the /64 that it is in, however it is written", () => {
  for (
    const same of ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::", "2001:db8:1:2:0::9"]
  ) {
    assert.equal(shareOf(same), "2001:db8:1:2::/64", same);
  }
  assert.equal(shareOf("::1"), "0:0:0:0::/64");
  assert.equal(shareOf("2001:db8::5"), "2001:db8:0:0::/64");
  assert.equal(shareOf("10.0.0.1"), "10.0.0.1");
  assert.equal(shareOf("::ffff:10.0.0.1"), "::ffff:10.0.0.1");
});
