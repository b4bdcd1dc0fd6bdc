import type { OutboxEntry } from "../../../src/client/outbox/outbox-entry.ts";
import type { OutboxContents, OutboxStore } from "../../../src/client/outbox/store.ts";

class Wrapped implements OutboxStore {
  constructor(readonly inner: OutboxStore) {}

  load(): Promise<OutboxContents> {
    return this.inner.load();
  }

  put(entry: OutboxEntry, replaces?: number): Promise<void> {
    return this.inner.put(entry, replaces);
  }

  remove(seq: number): Promise<void> {
    return this.inner.remove(seq);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** An outbox that forgets what was unsent when it starts again. */
export class ForgetfulStore extends Wrapped {
  override async load(): Promise<OutboxContents> {
    const contents = await this.inner.load();
    await Promise.all(contents.entries.map(({ seq }) => this.inner.remove(seq)));
    return { ...contents, entries: [] };
  }
}

/** An outbox that numbers what was unsent anew when it starts again. */
export class RenumberingStore extends Wrapped {
  override async load(): Promise<OutboxContents> {
    const contents = await this.inner.load();
    const entries = contents.entries.map((entry, at) => ({ ...entry, seq: contents.nextSeq + at }));
    await Promise.all(contents.entries.map(({ seq }) => this.inner.remove(seq)));
    await Promise.all(entries.map((entry) => this.inner.put(entry)));
    return { ...contents, nextSeq: contents.nextSeq + entries.length, entries };
  }
}
