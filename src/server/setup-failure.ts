/** The server can't start, or go on, as it was asked: one sentence for the operator that says what, quotes
 * the file or value, and says what to do. Shown as it is, without a stack trace. */
export class SetupFailure extends Error {
  override readonly name = "SetupFailure";
}
