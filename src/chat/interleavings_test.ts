import assert from "node:assert/strict";
import fc from "fast-check";
import { Stage } from "../../tests/fixtures/stage.ts";

/** What may happen next; numbers choose among whoever is there. */
type Step =
  | { readonly do: "say" | "read" | "leave" | "resend" | "edit"; readonly who: number; readonly room: number }
  | { readonly do: "commit" | "fail" | "answer" | "pass" };

const ROOMS = ["lobby", "kitchen", "attic"];
const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constantFrom("say" as const), who: fc.nat(5), room: fc.nat(2) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom("read" as const, "leave" as const, "resend" as const, "edit" as const),
        who: fc.nat(5),
        room: fc.nat(2),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "answer" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("fail" as const, "pass" as const) }) },
  ),
  { minLength: 20, maxLength: 300 },
);

/** One person with one device, who comes back from where they were whenever they left. */
class Person {
  session = -1;
  nextSeq = 1;
  /** Said and not acknowledged, in order. */
  unacknowledged: { seq: number; room: string; text: string }[] = [];
  /** seq to "room offset". */
  readonly receipts = new Map<number, string>();
  readonly seen = new Map<string, { offset: number; text: string }[]>();
  #heard = 0;

  constructor(readonly stage: Stage, readonly name: string, readonly device: string) {
    this.enter();
  }

  enter(): void {
    const rooms = ROOMS.map((room) => ({
      room,
      epoch: "e1",
      offset: this.seen.get(room)?.at(-1)?.offset ?? 0,
    }));
    this.#heard = 0;
    this.session = this.stage.enter(this.name, { device: this.device, rooms, window: 65_536 });
    this.stage.reading.delete(this.session);
    this.resend();
  }

  say(room: string): void {
    const seq = this.nextSeq++;
    const said = { seq, room, text: `${this.name} ${seq}` };
    this.unacknowledged.push(said);
    this.stage.say(this.session, { type: "CHAT_MESSAGE", ...said });
  }

  resend(): void {
    for (const said of this.unacknowledged) this.stage.say(this.session, { type: "CHAT_MESSAGE", ...said });
  }

  leave(): void {
    this.listen();
    this.stage.leave(this.session);
    this.enter();
  }

  read(): void {
    this.stage.read(this.session, 300);
    this.stage.say(this.session, { type: "CHAT_CREDIT", seq: 0, bytes: Number.MAX_SAFE_INTEGER });
    this.listen();
  }

  /** Checks everything heard since the last time. */
  listen(): void {
    const told = this.stage.told.get(this.session) ?? [];
    for (const pdu of told.slice(this.#heard)) {
      if (pdu.type === "CHAT_MESSAGE") {
        const room = pdu.room ?? "";
        const seen = this.seen.get(room) ?? [];
        assert.equal(
          pdu.offset,
          (seen.at(-1)?.offset ?? 0) + 1,
          `${this.name} in ${room}: a hole or a double`,
        );
        const kept = this.stage.events.get(room)?.[(pdu.offset ?? 0) - 1];
        assert.equal(
          kept === undefined ? undefined : JSON.parse(kept.body).text,
          pdu.text,
          "shown but not stored",
        );
        this.seen.set(room, [...seen, { offset: pdu.offset ?? 0, text: pdu.text }]);
      } else if (pdu.type === "CHAT_RECEIPT") {
        const place = `${pdu.room} ${pdu.offset}`;
        assert.equal(this.receipts.get(pdu.ack) ?? place, place, "two receipts that differ");
        this.receipts.set(pdu.ack, place);
        this.unacknowledged = this.unacknowledged.filter(({ seq }) => seq !== pdu.ack);
      } else if (pdu.type === "CHAT_JOINED") {
        assert.equal(pdu.result, "complete");
      } else if (pdu.type === "CHAT_ERROR") {
        assert.equal(pdu.failure, "not-stored");
      }
    }
    this.#heard = told.length;
  }
}

Deno.test("whatever happens in whatever order: everybody sees every stored message once, in order", () => {
  fc.assert(
    fc.property(steps, (script: Step[]) => {
      const stage = new Stage({ rate: { perSecond: 1e9, burst: 1e9 } });
      stage.isPrompt = false;
      const people = ["Ann", "Bob", "Cid", "Dot", "Eve", "Fay"].map((name, index) =>
        new Person(stage, name, String(index).repeat(32))
      );
      for (const step of script) {
        if (step.do === "commit") stage.commit();
        else if (step.do === "fail" && stage.appending !== null) stage.failCommit();
        else if (step.do === "answer" && stage.questions.length > 0) stage.answer(script.length % 7 === 0);
        else if (step.do === "pass") stage.pass(300);
        if (!("who" in step)) continue;
        const person = people[step.who];
        if (step.do === "say") person?.say(ROOMS[step.room] ?? "lobby");
        else if (step.do === "read") person?.read();
        else if (step.do === "leave") person?.leave();
        else if (step.do === "resend") person?.resend();
      }
      // The end: the store works, everybody reads, whoever has no receipt sends again.
      stage.isPrompt = true;
      stage.run();
      for (let round = 0; round < 4; round++) {
        for (const person of people) person.read();
        for (const person of people) person.resend();
        stage.pass(200);
      }
      for (const room of ROOMS) {
        const stored = (stage.events.get(room) ?? []).map(({ offset, body }) => ({
          offset,
          text: JSON.parse(body).text,
        }));
        for (const person of people) {
          for (let round = 0; round < 200 && person.seen.get(room)?.length !== stored.length; round++) {
            person.read();
          }
          assert.deepEqual(person.seen.get(room) ?? [], stored, `${person.name} in ${room}`);
        }
      }
      for (const person of people) {
        assert.deepEqual(person.unacknowledged, []);
        const mine = [...stage.events.values()].flat().filter(({ sender }) => sender === person.name);
        assert.deepEqual(
          mine.map(({ seq }) => seq).sort((a, b) => a - b),
          [...person.receipts.keys()].sort((a, b) => a - b),
        );
        for (const room of ROOMS) {
          const seqs = mine.filter((event) => event.room === room).map(({ seq }) => seq);
          assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b), "the sender's order");
        }
      }
    }),
    { numRuns: 500, seed: 20261122 },
  );
});

// Found by the fuzzer: a question that waited for its room to be looked up was answered after the goodbye.
Deno.test("nothing follows a goodbye, also where a question waited for its room", () => {
  const stage = new Stage();
  stage.isPrompt = false;
  const ann = stage.enter("Ann");
  const bob = stage.enter("Bob");
  stage.say(ann, { type: "CHAT_HISTORY", seq: 2 ** 40, room: "lobby" });
  stage.say(ann, { type: "CHAT_BYE", seq: 0 });
  stage.isPrompt = true;
  stage.run();
  assert.equal(stage.heard(bob, "CHAT_JOINED").length, 1);
  assert.equal(stage.told.get(ann)?.at(-1)?.type, "CHAT_BYE");
});

Deno.test("an original peer gets one line at a time, however much is asked for", () => {
  const stage = new Stage();
  const old = stage.enter("Old", {}, "chat/0");
  const ann = stage.enter("Ann");
  stage.reading.delete(old);
  for (let seq = 1; seq <= 3; seq++) stage.say(ann, { type: "CHAT_MESSAGE", seq, text: `${seq}` });
  stage.read(old, 65_536);
  assert.deepEqual(stage.texts(old), ["1", "2", "3"]);
});
