import * as v from "valibot";

/** A PDU of a kind that this version does not know: kept, ignored (chat/0 does the same). */
export interface UnknownPdu {
  readonly type: "unknown";
  readonly seq: number;
}

export type Checked<P> =
  | { readonly ok: true; readonly pdu: P }
  /** `seq` is the offending PDU's own, where it had one, so that the answer can name it. */
  | { readonly ok: false; readonly says: string; readonly seq: number | undefined };

type Schema = v.GenericSchema;
type OutputOf<S extends Record<string, Schema>> = { [T in keyof S]: v.InferOutput<S[T]> }[keyof S];

/** Checks one decoded JSON value against the schema that its `type` names. Never throws. */
export function checkAgainst<S extends Record<string, Schema>>(
  schemas: S,
  value: unknown,
): Checked<OutputOf<S> | UnknownPdu> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, says: "a PDU is a JSON object", seq: undefined };
  }
  const { type, seq } = value as { type?: unknown; seq?: unknown };
  const number = typeof seq === "number" && Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined;
  if (typeof type !== "string") return { ok: false, says: "type must be a string", seq: number };
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) return { ok: true, pdu: { type: "unknown", seq: number ?? 0 } };
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, pdu: result.output as OutputOf<S> };
  const issue = result.issues[0];
  // The library's sentence ends with what it got instead, which may be a private text: answers and logs tell
  // only what was expected where.
  const expected = issue.message.replace(/ but received .*$/s, "");
  return { ok: false, says: `${v.getDotPath(issue) ?? "a field"}: ${expected}`, seq: number };
}
