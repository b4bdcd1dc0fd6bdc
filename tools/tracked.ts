/** Secrets and what programs make: nobody wants them from a repository. */
const UNWANTED =
  /\.(pem|key|crt|cer|der|p12|pfx|sqlite3?|db)(-(wal|shm|journal))?$|(^|\/)(node_modules|dist)\//i;
const PRIVATE_KEY = /BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}/;

/** Paths of the machine on which this was first written mean nothing to anybody else. */
const WORKPLACE = /(?<![\w.\/-])[/]work[/]/;

/** One line for each tracked file that should not be, or that says what it should not. */
export function trackedViolations(path: string, text: string): string[] {
  const found: string[] = [];
  if (UNWANTED.test(path)) found.push(`${path}: a key, certificate, database or build; git rm --cached it`);
  if (PRIVATE_KEY.test(text)) {
    found.push(`${path}: holds a private key; remove it, and use it nowhere any more`);
  }
  for (const [i, line] of text.split("\n").entries()) {
    if (WORKPLACE.test(line)) found.push(`${path}:${i + 1}: names a path of one machine; say it without`);
  }
  return found;
}
